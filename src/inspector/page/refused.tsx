import type { VNode } from "preact";
import type { Status } from "../protocol.ts";
import { asSentence } from "./as-sentence.ts";
import { formatNumber } from "./format.ts";
import { Time } from "./time.tsx";

export interface RefusedProps extends Pick<Status, "realIssuer"> {
  readonly refused: NonNullable<Status["refused"]>;
}

/** What came and was not let in: it is in no list, so that only this tells why a webhook is missing there. */
export function Refused({ refused, realIssuer }: RefusedProps): VNode {
  const { count, at, code, reason } = refused;
  return (
    <p>
      <strong class="bad">
        {count === 1 ? "A request was refused" : `${formatNumber(count)} requests were refused, the latest`}
      </strong>{" "}
      at <Time at={at} />: {asSentence(reason)} <code>{code}</code>
      {code === "ERR_UNKNOWN_KID" && realIssuer !== null && ` Is ${realIssuer} the Kinde that sends it?`}
    </p>
  );
}

import type { VNode } from "preact";
import { useId, useState } from "preact/hooks";
import type { ReplayRequest } from "../../protocol.ts";
import { EndpointField } from "../dialogs/endpoint-field.tsx";

export interface ReplayOptionsProps {
  /** Where it goes when nothing else is said. */
  readonly endpoint: string;
  readonly onReplay: (request: ReplayRequest) => void;
}

const kinds = {
  same: ["The same bytes, as another delivery", "a webhook-id of its own, the event id as it was"],
  retry: ["As a retry of Kinde's", "the webhook-id as well: your app should notice that it has it already"],
  fresh: ["As a new event", "a new event id and the time of now, signed anew with this project's key"],
} as const;

type Kind = keyof typeof kinds;

const requests: Readonly<Record<Kind, ReplayRequest>> = {
  same: {},
  retry: { sameId: true },
  fresh: { fresh: true },
};

/** The choices of a replay that edits nothing. */
export function ReplayOptions({ endpoint, onReplay }: ReplayOptionsProps): VNode {
  const [kind, setKind] = useState<Kind>("same");
  const [to, setTo] = useState("");
  const id = useId();
  return (
    <form
      class="options"
      onSubmit={(event) => {
        event.preventDefault();
        onReplay({ ...requests[kind], ...(to.trim() !== "" && { to: to.trim() }) });
      }}
    >
      <fieldset>
        <legend>Replay it</legend>
        {(Object.keys(kinds) as Kind[]).map((each) => (
          <label key={each} class="choice">
            <input type="radio" name={`${id}-kind`} checked={kind === each} onChange={() => setKind(each)} />
            <span>
              {kinds[each][0]} <span class="muted">{kinds[each][1]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <EndpointField value={to} placeholder={endpoint} onInput={setTo} />
      <button type="submit" class="primary">
        Replay like this
      </button>
    </form>
  );
}

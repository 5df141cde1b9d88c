import type { VNode } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import type { DeliveryDetail, EventSample } from "../../protocol.ts";
import type { Api } from "../api.ts";
import { asCurl } from "./as-curl.ts";
import { asFixture, type EventBase } from "./as-fixture.ts";
import { asTest } from "./as-test.ts";
import { CopyButton } from "./copy-button.tsx";

type Form = "curl" | "fixture" | "test";

/** The delivery as text, for a shell, a file, or a test. */
export function CopyAs({ detail, api }: { readonly detail: DeliveryDetail; readonly api: Api }): VNode {
  const [copied, setCopied] = useState<Form>();
  const [samples, setSamples] = useState<readonly EventSample[]>([]);
  const id = useId();
  useEffect(() => {
    let isWanted = true;
    // Without them a fixture is as good where it has all that the sample has.
    api.samples().then(
      (all) => isWanted && setSamples(all),
      () => {},
    );
    return () => {
      isWanted = false;
    };
  }, [api]);
  const { delivery, claims } = detail;
  const base = baseOf(delivery.event?.type, samples);
  const curl = asCurl(delivery);
  const fixture = claims === null ? undefined : asFixture(claims, base);
  const test = claims === null ? undefined : asTest(claims, base);
  const masked = delivery.isRedacted === true ? " Its personal values are masked." : "";
  return (
    <div class="copy-as">
      <span id={`${id}-label`}>Copy as</span>
      <div role="group" aria-labelledby={`${id}-label`} class="button-row">
        <CopyButton
          text={curl}
          what="as curl"
          describedBy={curl === undefined ? `${id}-why` : undefined}
          onCopied={() => setCopied("curl")}
        >
          curl
        </CopyButton>
        <CopyButton
          text={fixture?.json}
          what="as a fixture"
          describedBy={fixture === undefined ? `${id}-why` : undefined}
          onCopied={() => setCopied("fixture")}
        >
          fixture
        </CopyButton>
        <CopyButton
          text={test}
          what="as a test"
          describedBy={test === undefined ? `${id}-why` : undefined}
          onCopied={() => setCopied("test")}
        >
          test
        </CopyButton>
      </div>
      {(curl === undefined || fixture === undefined) && (
        <p id={`${id}-why`} class="muted">
          {fixture === undefined
            ? "As it is no event, there is no fixture and no test of it."
            : "There is no curl of it, for its token was not kept."}
        </p>
      )}
      {copied === "curl" && (
        <p class="muted">
          Paste it into a shell: it sends the bytes that were sent, with the same webhook-id.
        </p>
      )}
      {copied === "fixture" && fixture !== undefined && (
        <p class="muted">
          Save it as <code>{fixture.fileName}</code>; this emits it again.{masked}
          <span class="command">
            <code>{fixture.command}</code> <CopyButton text={fixture.command} what="the command" />
          </span>
        </p>
      )}
      {copied === "test" && (
        <p class="muted">
          For vitest, beside a <code>route.ts</code> whose <code>POST</code> takes a Request.{masked}
        </p>
      )}
    </div>
  );
}

/** A type that has no sample starts from another's. */
function baseOf(type: string | undefined, samples: readonly EventSample[]): EventBase | undefined {
  return (
    samples.find((sample) => sample.type === type) ?? samples.find((sample) => sample.type === "user.created")
  );
}

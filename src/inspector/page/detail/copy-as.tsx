import type { VNode } from "preact";
import { useEffect, useId, useMemo, useState } from "preact/hooks";
import type { DeliveryDetail, EventSample } from "../../protocol.ts";
import type { Api } from "../api.ts";
import { asCurl, fitsShell } from "./as-curl.ts";
import { asFixture, hasEvent, type EventBase, type EventClaims } from "./as-fixture.ts";
import { asTest } from "./as-test.ts";
import { CopyButton } from "../copy-button.tsx";

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
  const hasCurl = fitsShell(delivery);
  const event = hasEvent(claims) ? claims : undefined;
  const masked = delivery.isRedacted === true ? " Its personal values are masked." : "";
  const why = [
    ...(hasCurl
      ? []
      : [
          delivery.token === ""
            ? "There is no curl of it, for its token was not kept."
            : "No shell can have its body.",
        ]),
    ...(event === undefined ? ["As it is no event, there is no fixture and no test of it."] : []),
  ];
  return (
    <div class="copy-as">
      <span id={`${id}-label`}>Copy as</span>
      <div role="group" aria-labelledby={`${id}-label`} class="button-row">
        <CopyButton
          text={hasCurl ? () => asCurl(delivery) : undefined}
          what="as curl"
          describedBy={hasCurl ? undefined : `${id}-why`}
          onCopied={() => setCopied("curl")}
        >
          curl
        </CopyButton>
        <CopyButton
          text={event && (() => asFixture(event, base).json)}
          what="as a fixture"
          describedBy={event === undefined ? `${id}-why` : undefined}
          onCopied={() => setCopied("fixture")}
        >
          fixture
        </CopyButton>
        <CopyButton
          text={event && (() => asTest(event, base))}
          what="as a test"
          describedBy={event === undefined ? `${id}-why` : undefined}
          onCopied={() => setCopied("test")}
        >
          test
        </CopyButton>
      </div>
      {why.length > 0 && (
        <p id={`${id}-why`} class="muted">
          {why.join(" ")}
        </p>
      )}
      {copied === "curl" && (
        <p class="muted">
          Paste it into a shell: it sends the bytes that were sent, with the same webhook-id.
        </p>
      )}
      {copied === "fixture" && event !== undefined && (
        <FixtureUse event={event} base={base} masked={masked} />
      )}
      {copied === "test" && (
        <p class="muted">
          For vitest, beside a <code>route.ts</code> whose <code>POST</code> takes a Request.{masked}
        </p>
      )}
    </div>
  );
}

interface FixtureUseProps {
  readonly event: EventClaims;
  readonly base: EventBase | undefined;
  readonly masked: string;
}

function FixtureUse({ event, base, masked }: FixtureUseProps): VNode {
  const { fileName, command } = useMemo(() => asFixture(event, base), [event, base]);
  return (
    <p class="muted">
      Save it as <code>{fileName}</code>; this emits it again.{masked}
      <span class="copy-command">
        <code>{command}</code> <CopyButton text={command} what="the command" />
      </span>
    </p>
  );
}

/** A type that has no sample starts from another's. */
function baseOf(type: string | undefined, samples: readonly EventSample[]): EventBase | undefined {
  return (
    samples.find((sample) => sample.type === type) ?? samples.find((sample) => sample.type === "user.created")
  );
}

import type { VNode } from "preact";
import type { DeliveryDetail } from "../../protocol.ts";
import { asSentence } from "../as-sentence.ts";
import { AnswerBody } from "./answer-body.tsx";
import { standingOf } from "./delivery-words.ts";

/** What went wrong at the latest attempt, before anything else; nothing when nothing did. */
export function Problem({ detail }: { readonly detail: DeliveryDetail }): VNode | null {
  const { delivery, hints } = detail;
  const latest = delivery.attempts.at(-1);
  if (latest === undefined) return null;
  const hint = hints.find(({ number }) => number === latest.number);
  const isWell = standingOf(delivery).tone === "good";
  if (isWell && hint === undefined) return null;
  const { status, error, response } = latest;
  return (
    <section class="problem" data-tone={isWell ? "waiting" : "bad"}>
      <h3>{isWell ? "Worth knowing" : "What went wrong"}</h3>
      {!isWell && (
        <p>
          {status !== null && `Your app answered ${status}.`}{" "}
          {error !== null && (
            <>
              {asSentence(`The request failed: ${error.message}`)} <code>{error.code}</code>
            </>
          )}
        </p>
      )}
      {hint !== undefined && <p class="hint">{asSentence(hint.message)}</p>}
      {!isWell && response !== null && <AnswerBody response={response} />}
    </section>
  );
}

import type { VNode } from "preact";
import type { Attempt } from "../../../delivery/delivery.ts";
import type { DeliveryDetail } from "../../protocol.ts";
import { asSentence } from "../as-sentence.ts";
import { AnswerBody } from "./answer-body.tsx";
import { Headers } from "./headers.tsx";
import { Time } from "../time.tsx";
import { formatDuration } from "../times.ts";

/** The attempts on a time line, each with how long it took, drawn to one scale. */
export function Attempts({ delivery, hints }: Pick<DeliveryDetail, "delivery" | "hints">): VNode {
  const { attempts } = delivery;
  const longestMs = Math.max(1, ...attempts.map(wholeMs));
  return (
    <section>
      <h3>Attempts</h3>
      {attempts.length === 0 && <p class="muted">None yet.</p>}
      <ol class="attempts">
        {attempts.map((attempt, index) => (
          <AttemptLine
            key={attempt.number}
            attempt={attempt}
            before={attempts[index - 1]}
            longestMs={longestMs}
            hint={hints.find(({ number }) => number === attempt.number)?.message}
          />
        ))}
      </ol>
    </section>
  );
}

interface AttemptLineProps {
  readonly attempt: Attempt;
  readonly before: Attempt | undefined;
  readonly longestMs: number;
  readonly hint: string | undefined;
}

function AttemptLine({ attempt, before, longestMs, hint }: AttemptLineProps): VNode {
  const {
    number,
    startedAt,
    durationMs,
    heldMs = 0,
    queuedMs = 0,
    status,
    error,
    request,
    response,
  } = attempt;
  const waits = [
    ...(before === undefined ? [] : [gapBetween(before, attempt)]),
    ...(queuedMs > 0 ? [`waited ${formatDuration(queuedMs)} for its turn`] : []),
    ...(heldMs > 0 ? [`held ${formatDuration(heldMs)} for an app that did not listen`] : []),
  ];
  const share = (partMs: number): { width: string } => ({ width: `${(100 * partMs) / longestMs}%` });
  return (
    <li data-tone={status === 200 ? "good" : "bad"}>
      {waits.length > 0 && <p class="gap muted">{waits.join(", ")}</p>}
      <details>
        <summary>
          <span class="attempt-number">#{number}</span>
          <Time at={startedAt} />
          <span class="attempt-status mono">{status ?? error?.code ?? "no answer"}</span>
          <span class="attempt-bar" aria-hidden="true">
            <span class="is-queued" style={share(queuedMs)} />
            <span class="is-held" style={share(heldMs)} />
            <span class="is-request" style={share(durationMs)} />
          </span>
          <span class="attempt-duration mono">{formatDuration(durationMs)}</span>
        </summary>
        <div class="attempt-more">
          {error !== null && (
            <p>
              {asSentence(`The request failed: ${error.message}`)} <code>{error.code}</code>
            </p>
          )}
          {hint !== undefined && <p class="hint">{asSentence(hint)}</p>}
          {response !== null && (
            <>
              <h4>The app&rsquo;s answer</h4>
              <AnswerBody response={response} />
              <h4>Its headers</h4>
              <Headers of={response.headers} />
            </>
          )}
          <h4>The request&rsquo;s headers</h4>
          <Headers of={request.headers} />
        </div>
      </details>
    </li>
  );
}

function wholeMs({ durationMs, heldMs = 0, queuedMs = 0 }: Attempt): number {
  return durationMs + heldMs + queuedMs;
}

function gapBetween(before: Attempt, { number, startedAt }: Attempt): string {
  const gapMs = Math.max(0, Date.parse(startedAt) - Date.parse(before.startedAt) - before.durationMs);
  const unkept = number - before.number - 1;
  const more = unkept > 0 ? `; ${unkept} between ${unkept === 1 ? "is" : "are"} not kept` : "";
  return `${formatDuration(gapMs)} later${more}`;
}

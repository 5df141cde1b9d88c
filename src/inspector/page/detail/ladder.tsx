import type { VNode } from "preact";
import type { Delivery } from "../../../delivery/delivery.ts";
import type { LadderStep } from "../../protocol.ts";
import { useClock } from "../clock.ts";
import { Time } from "../time.tsx";
import { formatDuration } from "../times.ts";
import { standingOf } from "./delivery-words.ts";

export interface LadderProps {
  readonly delivery: Delivery;
  readonly ladder: readonly LadderStep[];
  readonly clockAheadMs: number;
}

/** When it was tried, and when it is tried again. */
export function Ladder({ delivery, ladder, clockAheadMs }: LadderProps): VNode | null {
  if (ladder.every(({ state }) => state === "done") && ladder.length < 2) return null;
  return (
    <section>
      <h3>Retries</h3>
      <ol class="ladder">
        {ladder.map((step) => (
          <li key={step.number} data-state={step.state}>
            <span class="ladder-number">#{step.number}</span>
            <Step step={step} clockAheadMs={clockAheadMs} />
          </li>
        ))}
      </ol>
      <p class="muted">{ending(delivery, ladder)}</p>
    </section>
  );
}

function Step({ step, clockAheadMs }: { readonly step: LadderStep; readonly clockAheadMs: number }): VNode {
  const { at, state, status, isAbout } = step;
  if (at === null) return <span class="muted">nobody can tell when</span>;
  return (
    <>
      <span>
        {isAbout && "about "}
        <Time at={at} />
      </span>
      {state === "done" && <span class="mono">{status ?? "no answer"}</span>}
      {state === "next" && <CountDown at={at} isAbout={isAbout} clockAheadMs={clockAheadMs} />}
      {state === "planned" && <span class="muted">planned</span>}
    </>
  );
}

interface CountDownProps {
  readonly at: string;
  readonly isAbout: boolean;
  readonly clockAheadMs: number;
}

function CountDown({ at, isAbout, clockAheadMs }: CountDownProps): VNode {
  const text = useClock((now) => {
    const restMs = Date.parse(at) - now - clockAheadMs;
    if (restMs <= 0) return isAbout ? "due, if it has not been given up" : "now";
    const whole = Math.ceil(restMs / 1_000) * 1_000;
    return `next, in ${isAbout ? "about " : ""}${formatDuration(whole)}`;
  });
  return <strong>{text}</strong>;
}

function ending(delivery: Delivery, ladder: readonly LadderStep[]): string {
  if (delivery.state !== "pending") return `${standingOf(delivery).words}. There is no further attempt.`;
  return ladder.some(({ isAbout }) => isAbout)
    ? "Kinde decides when: these times follow from its documentation, which calls its schedule rough."
    : "Tried again from here until the app answers 200.";
}

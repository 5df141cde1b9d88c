import type { ComponentChildren, VNode } from "preact";
import type { DeliverySummary } from "../../protocol.ts";
import { formatAnswer, formatNumber } from "../format.ts";
import { Time } from "../time.tsx";
import { formatDuration } from "../times.ts";
import { visibleText } from "../visible-text.ts";
import type { Outline } from "./delivery-words.ts";

/** What the list knows of a delivery beyond its headline, for when that is all there is. */
export function SummaryFacts({ summary }: { readonly summary: DeliverySummary }): VNode {
  const { latest, attempts, changedAt, nextAttemptAt, about, verification, isRedacted } = summary;
  return (
    <section>
      <h3>What the list has of it</h3>
      <dl class="pairs">
        {latest !== null && (
          <Fact name="Latest answer">
            <span class="mono">{formatAnswer(summary)}</span> in {formatDuration(latest.durationMs)}{" "}
            {latest.error !== null && <code>{latest.error}</code>}
          </Fact>
        )}
        <Fact name="Attempts">{formatNumber(attempts)}</Fact>
        <Fact name="Last change">
          <Time at={changedAt} />
        </Fact>
        {nextAttemptAt !== null && (
          <Fact name="Next attempt">
            <Time at={nextAttemptAt} />
          </Fact>
        )}
        {about.length > 0 && <Fact name="About">{visibleText(about.join(" · "))}</Fact>}
        <Fact name="Signature">
          {verification === "verified" ? "verified when it came" : <span class="bad">not verified</span>}
        </Fact>
        {isRedacted === true && <Fact name="Personal values">masked</Fact>}
      </dl>
    </section>
  );
}

/** For a headline. */
export function outlineOf(summary: DeliverySummary): Outline {
  return { ...summary, attempts: summary.latest === null ? [] : [summary.latest] };
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

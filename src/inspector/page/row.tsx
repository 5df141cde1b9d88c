import type { VNode } from "preact";
import type { DeliverySummary } from "../protocol.ts";
import { useClock } from "./clock.ts";
import { formatAnswer, formatCount, formatEndpoint } from "./format.ts";
import { Icon, type IconName } from "./icons.tsx";
import { tagsOf } from "./tags.ts";
import { Age } from "./time.tsx";
import { formatDuration, formatRough } from "./times.ts";
import { visibleText } from "./visible-text.ts";

/** Of every row, in pixels; the style sheet has the same. */
export const rowHeight = 54;

export interface RowProps {
  readonly delivery: DeliverySummary;
  /** From 0, of `count`. */
  readonly index: number;
  readonly count: number;
  readonly isActive: boolean;
  readonly isOpen: boolean;
  /** By how much the clock that retries fall due by is ahead of ours, in milliseconds. */
  readonly clockAheadMs: number;
  readonly onClick: () => void;
}

export function rowId(deliveryId: string): string {
  return `row-${deliveryId}`;
}

interface Mark {
  readonly icon: IconName;
  readonly tone: string;
}

const states: Record<DeliverySummary["state"], Mark> = {
  delivered: { icon: "check", tone: "good" },
  failed: { icon: "cross", tone: "bad" },
  pending: { icon: "dots", tone: "wait" },
};

/** One delivery in the list. */
export function Row({ delivery, index, count, isActive, isOpen, clockAheadMs, onClick }: RowProps): VNode {
  const { id, event, direction, latest, attempts, about, endpoint } = delivery;
  const mark = markOf(delivery);
  return (
    <div
      id={rowId(id)}
      role="option"
      aria-selected={isOpen}
      aria-posinset={index + 1}
      aria-setsize={count}
      class={`row ${isActive ? "is-active" : ""}`}
      style={{ transform: `translateY(${index * rowHeight}px)` }}
      onClick={onClick}
    >
      <span class={`row-state ${mark.tone}`}>
        <Icon name={mark.icon} />
        <State delivery={delivery} clockAheadMs={clockAheadMs} />
      </span>
      <span class="row-type">
        <span class="row-type-name" title={event?.type}>
          {event === null ? "no event" : visibleText(event.type)}
        </span>
        {tagsOf(delivery).map(({ text, title, tone }) => (
          <span key={text} class={`tag ${tone}`} title={title}>
            {text}
          </span>
        ))}
      </span>
      <span class="row-direction muted">
        <Icon name={direction} />
        <span class="row-direction-name">{direction}</span>
      </span>
      <span class="row-age muted">
        <Age at={delivery.changedAt} />
      </span>
      <span class="row-answer mono" title={latest?.error ?? undefined}>
        <span class={toneOf(delivery)}>{formatAnswer(delivery)}</span>
        {isAnswered(delivery) && <span class="muted"> {formatDuration(latest!.durationMs)}</span>}
      </span>
      <span class="row-about muted" title={[...about, endpoint].join("\n")}>
        {about.length > 0 && <span class="row-person">{visibleText(about.join(" · "))}</span>}
        <span class="row-endpoint mono">{visibleText(formatEndpoint(endpoint))}</span>
        {attempts > 1 && <span class="row-attempts">{formatCount(attempts, "attempt")}</span>}
      </span>
    </div>
  );
}

function State({ delivery, clockAheadMs }: Pick<RowProps, "delivery" | "clockAheadMs">): VNode {
  const { state, nextAttemptAt, attempts } = delivery;
  const text = useClock((now) => {
    if (state !== "pending") return state;
    if (nextAttemptAt === null) return attempts === 0 ? "sending" : "pending";
    const leftMs = Date.parse(nextAttemptAt) - now - clockAheadMs;
    if (leftMs <= 0) return "due";
    return `in ${formatRough(Math.ceil(leftMs / 1_000) * 1_000)}`;
  });
  return <span>{text}</span>;
}

/** Of a fault it tells whether the app stood it: the 200 of one that takes a bad signature is no good news. */
function markOf({ state, verdict }: DeliverySummary): Mark {
  if (verdict === "fail") return { icon: "warning", tone: "bad" };
  return verdict === "pass" ? { ...states[state], tone: "muted" } : states[state];
}

/** Of the latest answer: a fault may be meant to be refused. */
function toneOf({ latest, verdict }: DeliverySummary): string {
  if (verdict === "pass") return "muted";
  if (verdict === "fail") return "bad";
  const status = latest?.status ?? Infinity;
  if (status === 200) return "good";
  return status < 300 ? "wait" : "bad";
}

function isAnswered({ latest }: DeliverySummary): boolean {
  return typeof latest?.status === "number";
}

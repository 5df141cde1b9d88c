import type { VNode } from "preact";
import { CopyButton } from "../copy-button.tsx";
import { directionOf, standingOf, type Outline } from "./delivery-words.ts";
import { Time } from "../time.tsx";
import { visibleText } from "../visible-text.ts";

const shownTypeLength = 120;

export interface HeadlineProps {
  readonly delivery: Outline;
  readonly onClose: () => void;
  /** Shows another delivery. */
  readonly onOpen: (id: string) => void;
}

/** What a delivery is, at a glance. */
export function Headline({ delivery, onClose, onOpen }: HeadlineProps): VNode {
  const { event, attempts, fault, replayOf } = delivery;
  const { tone, words } = standingOf(delivery);
  const status = attempts.at(-1)?.status;
  return (
    <header class="headline">
      <div class="headline-top">
        <h2 id="detail-title" tabIndex={-1}>
          {event === null ? "No event" : visibleText(event.type).slice(0, shownTypeLength)}
        </h2>
        <button type="button" class="quiet" onClick={onClose}>
          Close
        </button>
      </div>
      <p class="standing" data-tone={tone}>
        <strong>{words}</strong>
        {typeof status === "number" && <span class="mono">{status}</span>}
        {fault !== undefined && <span>fault: {fault}</span>}
      </p>
      <dl class="pairs">
        <div>
          <dt>When</dt>
          <dd>
            <Time at={delivery.createdAt} /> <span class="muted">{directionOf(delivery)}</span>
          </dd>
        </div>
        <div>
          <dt>Endpoint</dt>
          <dd class="mono">{visibleText(delivery.endpoint)}</dd>
        </div>
        {event !== null && <Id name="Event" what="the event id" id={event.id} />}
        <Id name="Delivery" what="the delivery id" id={delivery.id} />
        {replayOf !== undefined && (
          <div>
            <dt>Replay of</dt>
            <dd>
              <button type="button" class="link-button mono" onClick={() => onOpen(replayOf)}>
                {replayOf}
              </button>
            </dd>
          </div>
        )}
        {delivery.webhookId !== null && (
          <Id name="webhook-id" what="the webhook-id" id={delivery.webhookId} />
        )}
      </dl>
    </header>
  );
}

function Id({
  name,
  what,
  id,
}: {
  readonly name: string;
  readonly what: string;
  readonly id: string;
}): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span class="mono">{visibleText(id)}</span>&nbsp;
        <CopyButton text={id} what={what} />
      </dd>
    </div>
  );
}

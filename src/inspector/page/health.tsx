import type { ComponentChildren, VNode } from "preact";
import type { Status } from "../protocol.ts";
import { CopyButton } from "./copy-button.tsx";
import { formatCount, formatNumber } from "./format.ts";
import { Icon, type IconName } from "./icons.tsx";
import { Popover } from "./popover.tsx";
import { Refused } from "./refused.tsx";
import { formatDuration, formatTime } from "./times.ts";

/** How all is that a webhook passes on its way: the tunnel, the apps, the issuers, a mock's webhooks and clock. */
export function Health({
  status,
  clockAheadMs,
}: {
  readonly status: Status;
  readonly clockAheadMs: number;
}): VNode {
  const {
    tunnel,
    apps,
    realIssuer,
    localIssuer,
    shielded,
    refused,
    webhooks,
    isPaused,
    isRedacted,
    command,
  } = status;
  return (
    <dl class="health">
      {tunnel !== null && (
        <Item term="Tunnel" mark={tunnelMarks[tunnel.state]}>
          <span class="mono cut" title={tunnel.endpoint}>
            {tunnel.endpoint}
          </span>
          <CopyButton text={tunnel.endpoint} what="the endpoint for Kinde" />
          {tunnel.state !== "up" && <span class={tunnelMarks[tunnel.state].tone}>{tunnel.state}</span>}
        </Item>
      )}
      {apps.map(({ origin, isListening }) => (
        <Item key={origin} term="App" mark={isListening === null ? undefined : isListening ? good : bad}>
          <span class="mono cut">{withoutScheme(origin)}</span>
          {isListening === false ? (
            <span class="bad">does not listen</span>
          ) : isListening ? (
            "listens"
          ) : (
            "not tried yet"
          )}
        </Item>
      ))}
      <Item term="Issuer">
        <span class="mono cut">{localIssuer}</span>
        <CopyButton text={`KINDE_ISSUER_URL=${localIssuer}`} what="the line for .env" />
        {realIssuer !== null ? (
          <span class="muted cut">with the keys of {withoutScheme(realIssuer)}</span>
        ) : (
          command === "tunnel" && <span class="wait cut">without Kinde's keys</span>
        )}
      </Item>
      {command === "mock" && <Webhooks webhooks={webhooks} />}
      {Math.abs(clockAheadMs) > shownAheadMs && (
        <Item term="Clock">
          {formatTime(new Date(Date.now() + clockAheadMs), new Date())}
          <span class="muted">
            {formatDuration(roundUp(Math.abs(clockAheadMs)))} {clockAheadMs > 0 ? "ahead" : "behind"}
          </span>
        </Item>
      )}
      {shielded !== null && (
        <Item term="Shield">
          {shielded === 0 ? "nothing waits" : `${formatCount(shielded, "webhook")} to deliver`}
        </Item>
      )}
      {refused !== null && (
        <Item term="Refused" mark={bad}>
          <Popover summary={formatNumber(refused.count)}>
            <Refused refused={refused} realIssuer={realIssuer} />
          </Popover>
        </Item>
      )}
      {isPaused && (
        <Item term="Forwarding" mark={paused}>
          paused
        </Item>
      )}
      {isRedacted && <Item term="Personal values">masked</Item>}
    </dl>
  );
}

interface Mark {
  readonly icon: IconName;
  readonly tone: string;
}

const good: Mark = { icon: "check", tone: "good" };
const bad: Mark = { icon: "cross", tone: "bad" };
const paused: Mark = { icon: "pause", tone: "wait" };
const tunnelMarks: Record<"up" | "down" | "reconnecting", Mark> = {
  up: good,
  down: bad,
  reconnecting: { icon: "dots", tone: "wait" },
};

/** Less is the way of messages, no other time. */
const shownAheadMs = 2_000;

function Item(props: {
  readonly term: string;
  readonly mark?: Mark | undefined;
  readonly children: ComponentChildren;
}): VNode {
  const { term, mark, children } = props;
  return (
    <div class="health-item">
      <dt class="muted">{term}</dt>
      <dd>
        {mark !== undefined && (
          <span class={mark.tone}>
            <Icon name={mark.icon} />
          </span>
        )}
        {children}
      </dd>
    </div>
  );
}

function Webhooks({ webhooks }: Pick<Status, "webhooks">): VNode {
  if (webhooks.length === 0) return <Item term="Webhooks">none</Item>;
  return (
    <Item term="Webhooks">
      <Popover summary={formatNumber(webhooks.length)}>
        <ul>
          {webhooks.map(({ id, endpoint, eventTypes, isDisabled }) => (
            <li key={id}>
              <p class="mono">{endpoint}</p>
              <p class="muted">
                {isDisabled && <span class="bad">disabled · </span>}
                {eventTypes.join(", ")}
              </p>
            </li>
          ))}
        </ul>
      </Popover>
    </Item>
  );
}

/** What was moved by two hours has lost a moment on its way to us. */
function roundUp(ms: number): number {
  return Math.round(ms / 1_000) * 1_000;
}

function withoutScheme(url: string): string {
  return url.replace(/^https?:\/\//, "");
}

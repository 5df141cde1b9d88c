import type { ComponentChildren, VNode } from "preact";
import type { Status } from "../protocol.ts";
import { useClock } from "./clock.ts";
import { Icon } from "./icons.tsx";
import type { Connection } from "./live.ts";
import { Time } from "./time.tsx";
import { formatRough, formatTime } from "./times.ts";

export interface BannerProps {
  readonly status: Status | undefined;
  readonly connection: Connection;
}

/** The one thing that is to be known first: the page has no process behind it, or no webhook can come. */
export function Banner(props: BannerProps): VNode {
  const content = contentOf(props);
  return (
    <div class="banners" role="status">
      {content !== null && (
        <p class={`banner ${content.tone}`}>
          <Icon name={content.tone === "is-note" ? "pause" : "warning"} />
          <span>{content.text}</span>
        </p>
      )}
    </div>
  );
}

interface Content {
  readonly tone: "is-bad" | "is-wait" | "is-note";
  readonly text: ComponentChildren;
}

function contentOf({ status, connection }: BannerProps): Content | null {
  if (connection.state === "lost") {
    return {
      tone: "is-bad",
      text: (
        <>
          <strong>kinde-devhook does not answer</strong>, since{" "}
          {formatTime(new Date(connection.since), new Date())}: it was stopped, or restarts. What you see is
          what there was. The page tries again by itself.
        </>
      ),
    };
  }
  if (connection.state === "refused") {
    return {
      tone: "is-wait",
      text: (
        <>
          <strong>Another run answers here now.</strong> What you see is of the one before, to be read only.
          Open the URL that the new one has printed, or press <kbd>o</kbd> in its terminal.
        </>
      ),
    };
  }
  if (connection.state !== "open" || status === undefined) return null;
  const { tunnel, isPaused } = status;
  if (tunnel !== null && tunnel.state !== "up") {
    return {
      tone: "is-bad",
      text: (
        <>
          <strong>The tunnel is {tunnel.state}</strong>, since <Time at={tunnel.since} /> (
          <For since={tunnel.since} />){tunnel.reason !== null && `: ${tunnel.reason}`}. Kinde tries again
          later what it can't deliver now.
        </>
      ),
    };
  }
  if (!isPaused) return null;
  return {
    tone: "is-note",
    text: (
      <>
        <strong>Forwarding is paused.</strong> Kinde gets 503 and tries again. Press <kbd>p</kbd> in the
        terminal to go on.
      </>
    ),
  };
}

/** Ticks, and must not be said anew each second. */
function For({ since }: { readonly since: string }): VNode {
  return (
    <span aria-hidden="true">{useClock((now) => formatRough(Math.max(0, now - Date.parse(since))))}</span>
  );
}

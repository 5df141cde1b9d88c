import type { AppChange } from "../../app/app-health.ts";
import { clockTime, formatTime } from "./format.ts";
import type { Paint } from "./text.ts";

/** What becomes of webhooks while an app is down. */
export interface Meanwhile {
  /** How long a webhook is held for it. */
  readonly holdMs: number;
  /** Whether Kinde has been answered already, and they are tried again from here. */
  readonly isShielded: boolean;
}

/** The line of an app that has stopped to listen, or does again. */
export function describeApp(
  { state, url, cause, downMs }: AppChange,
  meanwhile: Meanwhile,
  paint: Paint,
): string {
  const time = paint("dim", clockTime(new Date().toISOString()));
  if (state === "up") {
    return `${time}  ${paint("green", "✓ app up again")}  ${url}  after ${formatTime(downMs)}`;
  }
  return `${time}  ${paint("red", "✕ app down")}  ${cause}: ${describeMeanwhile(meanwhile)}`;
}

function describeMeanwhile({ holdMs, isShielded }: Meanwhile): string {
  if (isShielded) return "webhooks are kept here, and tried again until it takes them";
  return holdMs === 0
    ? "until something does, Kinde gets 502 and tries again"
    : `a webhook waits up to ${formatTime(holdMs)} for it, then Kinde gets 502 and tries again`;
}

import type { AppChange } from "../../app/app-health.ts";
import { clockTime, formatTime } from "./format.ts";
import type { Paint } from "./text.ts";

/**
 * The line of an app that has stopped to listen, or does again.
 * @param holdMs how long a webhook is held for it
 */
export function describeApp({ state, url, cause, downMs }: AppChange, holdMs: number, paint: Paint): string {
  const time = paint("dim", clockTime(new Date().toISOString()));
  if (state === "up") {
    return `${time}  ${paint("green", "✓ app up again")}  ${url}  after ${formatTime(downMs)}`;
  }
  const meanwhile =
    holdMs === 0
      ? "until something does, Kinde gets 502 and tries again"
      : `a webhook waits up to ${formatTime(holdMs)} for it, then Kinde gets 502 and tries again`;
  return `${time}  ${paint("red", "✕ app down")}  ${cause}: ${meanwhile}`;
}

/** Says what is waited for when it takes long, so that nothing looks frozen. */
import { systemClock } from "../delivery/clock.ts";
import type { Reporter } from "./output/reporter.ts";

const stopPatienceMs = 200;

/** Says something if what goes on has not ended by then. */
export async function noteAfter(
  delayMs: number,
  text: string,
  reporter: Reporter,
  ended: AbortSignal,
): Promise<void> {
  try {
    await systemClock.wait(delayMs, ended);
    reporter.note(text);
  } catch {
    // It has ended.
  }
}

/** Says something when it was told to stop and has not ended soon after. */
export function noteWhileStopping(
  text: string,
  reporter: Reporter,
  stop: AbortSignal,
  ended: AbortSignal,
): void {
  const say = (): void => void noteAfter(stopPatienceMs, text, reporter, ended);
  if (stop.aborted) say();
  else stop.addEventListener("abort", say, { once: true });
}

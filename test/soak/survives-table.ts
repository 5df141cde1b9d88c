/** The README's table "What it survives": what is tried, and what must come of it for the soak to pass. */
import type { Row } from "../fidelity/markdown.ts";
import type { Bounds, Scenario, Size } from "./scenario.ts";

export const survivesHeads: Row = ["what happens", "what you see", "tried", "lost", "back after"];

export function survivesRow({ happens, youSee, bounds, long }: Scenario): Row {
  return [happens, youSee, tried(long), bounds.retries === 0 ? "0, each came at once" : "0", back(bounds)];
}

function tried({ times, webhooks, lastsMs }: Size): string {
  const parts = [
    ...(times > 1 ? [`${times} times`] : []),
    ...(lastsMs === undefined ? [] : [times > 1 ? `${inWords(lastsMs)} each` : inWords(lastsMs)]),
    `${webhooks.toLocaleString("en")} webhooks`,
  ];
  return parts.join(", ");
}

/** A time that is noticed at once is not worth a word. */
function back({ noticedWithinMs = 0, backWithinMs }: Bounds): string {
  if (backWithinMs === undefined) return "";
  const noticed = noticedWithinMs > backWithinMs ? `noticed within ${inWords(noticedWithinMs)}, then ` : "";
  return `${noticed}${inWords(backWithinMs)} at most`;
}

function inWords(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`;
}

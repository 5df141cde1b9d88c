import type { Bounds, Facts } from "./scenario.ts";

/**
 * What came of a scenario that may not come of it, in words; nothing when all is well.
 * @param isTimed whether the times count: not in `npm test`, which may share the machine with anything
 */
export function breaches(facts: Facts, bounds: Bounds, isTimed: boolean): string[] {
  const { sent, delivered, lost, altered, retries, doubled, isSameUrl } = facts;
  const { said, answers } = facts;
  const { says, noticedWithinMs, backWithinMs, isAtLeastOnce = false } = bounds;
  const all: readonly (readonly [isSo: boolean, words: string])[] = [
    [sent === 0, "nothing was sent"],
    [delivered !== sent || lost > 0, `${lost} of ${sent} are lost`],
    [altered > 0, `${altered} came altered`],
    [bounds.retries !== undefined && retries > bounds.retries, `${retries} had to be sent again`],
    [doubled > 0 && !isAtLeastOnce, `${doubled} attempts reached the app more than once`],
    [!isSameUrl, "the URL has changed"],
    [says !== undefined && !isSaid(says, said), `it was said: ${said.join(", ") || "nothing"}`],
    [
      bounds.answers !== undefined && bounds.answers.join() !== answers.join(),
      `senders were answered ${answers.join(", ") || "200 only"}`,
    ],
  ];
  return [
    ...all.filter(([isSo]) => isSo).map(([, words]) => words),
    ...lateness("noticed", facts.noticedAfterMs, noticedWithinMs, isTimed),
    ...lateness("back", facts.backAfterMs, backWithinMs, isTimed),
  ];
}

function isSaid(says: NonNullable<Bounds["says"]>, said: Facts["said"]): boolean {
  return says.length === 0 ? said.length === 0 : says.every((state) => said.includes(state));
}

function lateness(
  what: string,
  times: readonly number[],
  withinMs: number | undefined,
  isTimed: boolean,
): string[] {
  if (withinMs === undefined) return [];
  // It was looked at, at least.
  if (times.length === 0) return [`${what}: never`];
  const longest = Math.max(...times);
  return isTimed && longest > withinMs
    ? [`${what} after ${longest.toFixed(0)} ms, not within ${withinMs}`]
    : [];
}

import { setTimeout as wait } from "node:timers/promises";
import type { SeenWebhook } from "./recording-app.ts";
import type { Facts } from "./scenario.ts";
import type { SentWebhook } from "./sender.ts";

// A shielded webhook reaches the app after its sender was answered.
const reachesAppWithinMs = 15_000;
const lookAgainMs = 50;

/** Compares what was sent with what the app has. */
export async function collectFacts(
  sent: readonly SentWebhook[],
  seen: ReadonlyMap<string, SeenWebhook>,
): Promise<Omit<Facts, "isSameUrl" | "said" | "noticedAfterMs" | "backAfterMs">> {
  const isDelivered = ({ id, isAccepted }: SentWebhook): boolean =>
    isAccepted && (seen.get(id)?.accepted ?? 0) > 0;
  const deadline = performance.now() + reachesAppWithinMs;
  while (sent.some((webhook) => webhook.isAccepted && !isDelivered(webhook))) {
    if (performance.now() > deadline) break;
    await wait(lookAgainMs);
  }
  const delivered = sent.filter(isDelivered).length;
  return {
    sent: sent.length,
    delivered,
    lost: sent.length - delivered,
    altered: sent.filter((webhook) => isAltered(webhook, seen.get(webhook.id))).length,
    retries: sum(sent.map(({ attempts }) => attempts.length - 1)),
    duplicates: [...seen.values()].filter(({ accepted }) => accepted > 1).length,
    doubled: sum([...seen.values()].map(({ attempts }) => countDoubled(attempts))),
    late: sum(sent.map((webhook) => countLate(webhook, seen.get(webhook.id)))),
    answers: [...new Set(sent.flatMap(failedStatuses))].toSorted((a, b) => a - b),
  };
}

function isAltered({ bodySha256 }: SentWebhook, seen: SeenWebhook | undefined): boolean {
  return [...(seen?.bodies ?? [])].some((sha256) => sha256 !== bodySha256);
}

function failedStatuses({ attempts }: SentWebhook): number[] {
  return attempts.flatMap(({ status }) => (status === undefined || status === 200 ? [] : [status]));
}

function countDoubled(attempts: SeenWebhook["attempts"]): number {
  return sum([...attempts.values()].map((times) => times.length - 1));
}

function countLate({ attempts }: SentWebhook, seen: SeenWebhook | undefined): number {
  return attempts.filter(({ endedAt }, index) =>
    (seen?.attempts.get(index + 1) ?? []).some((reachedAt) => reachedAt > endedAt),
  ).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** When Kinde attempts a delivery again, and when it gives up. */
import { expect } from "vitest";
import { abandonIfExpired } from "../../src/delivery/delivery.ts";
import { startMockKinde } from "../../src/testing/start-mock-kinde.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { onlyDelivery, recordsOf } from "../e2e/project.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { emitThroughMock, emitTo } from "./evidence.ts";
import type { Fact } from "./fact.ts";

const hourMs = 3_600_000;

export const retryFacts: readonly Fact[] = [
  {
    kinde: "retries: at once, after 5 s, 30 s, 2 min … for 36 h",
    sure: '"roughly", say the docs; not from when each delay counts',
    weDo:
      "`mock` and `startMockKinde`: 9 attempts in about 29 h, each delay from the end of the attempt before; " +
      "`emit` once, with `--retries` the same; the tunnel calls abandoned what was not answered 200 in 36 h",
    prove: async () => {
      const once = await emitTo(500);
      expect(once.requests).toHaveLength(1);
      expect(onlyDelivery(once.result)).toMatchObject({ state: "failed", failedReason: "not_delivered" });
      const throughMock = await emitThroughMock(500);
      expect(throughMock.requests).toHaveLength(1);
      const { state, nextAttemptAt, attempts } = onlyDelivery(throughMock.result);
      expect(state).toBe("pending");
      const { startedAt, durationMs } = attempts[0]!;
      // The answer is seen a moment after its end: below the next delay of the schedule, however busy the machine.
      const sinceEndMs = Date.parse(nextAttemptAt!) - Date.parse(startedAt) - durationMs;
      expect(sinceEndMs).toBeGreaterThan(4_900);
      expect(sinceEndMs).toBeLessThan(30_000);

      const retried = await emitTo(500, ["user.created", "--retries", "--speed", "100000"]);
      expect(retried.requests).toHaveLength(9);
      const ladder = [0, 5, 30, 120, 600, 3_600, 14_400, 43_200, 43_200].map((seconds) => seconds * 1_000);
      const ended = recordsOf(retried.result, "delivery").at(-1)!;
      expect(ended).toMatchObject({ state: "failed", failedReason: "exhausted", nextAttemptAt: null });
      expect(ended.attempts.map(({ plannedDelayMs }) => plannedDelayMs)).toEqual(ladder);
      expect(ladder.reduce((sum, delayMs) => sum + delayMs) / hourMs).toBeCloseTo(29, 0);

      await using app = await startReceiver({ answers: [500] });
      await using kinde = await startMockKinde({ signingKey, now: 0, webhooks: [{ endpoint: app.url }] });
      await kinde.emit("user.created");
      await kinde.clock.advance("36h");
      const [delivery] = kinde.deliveries;
      let passedMs = 0;
      const due = ladder.map((delayMs) => new Date((passedMs += delayMs)).toISOString());
      expect(delivery?.attempts.map((attempt) => attempt.startedAt)).toEqual(due);

      const relayed = sampleDelivery({ direction: "relayed" });
      const [start, endMs] = [Date.parse(relayed.createdAt), 36 * hourMs];
      expect(abandonIfExpired(relayed, start + endMs - 1).state).toBe("pending");
      expect(abandonIfExpired(relayed, start + endMs).failedReason).toBe("abandoned");
    },
  },
  {
    kinde: "a webhook that fails for 72 h is disabled, and enabled by hand",
    sure: "sure; not what ends or restarts the 72 h",
    weDo:
      "at the first failed attempt 72 h or more after its first failure, with no 200 between; " +
      "a control call or `enableWebhook` enables it, and so does a new start",
    prove: async () => {
      await using app = await startReceiver({ answers: [500] });
      await using kinde = await startMockKinde({ signingKey, now: 0, webhooks: [{ endpoint: app.url }] });
      const isDisabled = (): boolean => kinde.webhooks[0]!.isDisabled;
      await kinde.emit("user.created");
      await kinde.clock.advance(72 * hourMs - 1);
      await kinde.emit("user.updated");
      expect(isDisabled()).toBe(false);
      await kinde.clock.advance("5s");
      expect(isDisabled()).toBe(true);
      expect(kinde.deliveries[1]).toMatchObject({ state: "failed", failedReason: "disabled" });
      kinde.enableWebhook(kinde.webhooks[0]!.id);
      expect(await kinde.emit("user.created")).toMatchObject({ attempts: [{ status: 500 }] });
    },
  },
];

import { startMockKinde } from "../../dist/index.js";

// As many at once as `emit --count` has.
export const eventsAtOnce = 10;

/** A mock in this process, whose webhooks are as many endpoints of one app. */
export async function startMockWith(webhookCount, appPort, options = {}) {
  const webhooks = Array.from({ length: webhookCount }, (_, index) => ({
    endpoint: `http://127.0.0.1:${appPort}/webhooks/${index}`,
  }));
  const mock = await startMockKinde({ webhooks, ...options });
  return {
    advance: mock.clock.advance,
    /** Several at once; resolves when each has been attempted at every webhook. */
    emit: async (count) => {
      let left = count;
      const emitWhileAny = async () => {
        while (left-- > 0) await mock.emit("user.created");
      };
      await Promise.all(Array.from({ length: eventsAtOnce }, emitWhileAny));
    },
    /** So many of the deliveries, the newest. @throws when one of them is in another state */
    latest: (count, state) => {
      const latest = mock.deliveries.slice(-count);
      const others = latest.filter((delivery) => delivery.state !== state).length;
      if (latest.length === count && others === 0) return latest;
      throw new Error(
        `of ${count} deliveries ${latest.length} are there, and ${others} of them not ${state}`,
      );
    },
  };
}

/** What this process has now. */
export function readRssMb() {
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}

/** The most that this process has had so far. */
export function readMostMb() {
  return Math.round(process.resourceUsage().maxRSS / 2 ** 10);
}

import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { restoreDeliveries } from "../../src/app/relayed-over-time.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import type { History } from "../../src/history/history.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { createKindeOutlook } from "../../src/relay/kinde-outlook.ts";
import { createRelayedDeliveries } from "../../src/relay/relayed-deliveries.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { createTemporaryHistory } from "../history/temporary-history.ts";

test("of long records no more are taken up than memory has room for, the latest", async () => {
  const history = createMemoryHistory();
  for (let number = 0; number < 40; number++) {
    await history.append(relayed({ id: `dlv_${number}`, token: "x".repeat(1 << 20) }));
  }
  const restored = await restore(history);
  expect(restored).toHaveLength(32);
  expect(restored.at(0)?.id).toBe("dlv_8");
  expect(restored.at(-1)?.id).toBe("dlv_39");
});

test("what was emitted, or ended long ago, is left in the history", async () => {
  const history = createMemoryHistory();
  const longAgo = new Date(Date.now() - 100 * 60 * 60 * 1000).toISOString();
  await history.append(relayed({ id: "dlv_old", state: "delivered", createdAt: longAgo }));
  await history.append(relayed({ id: "dlv_pending" }));
  await history.append(sampleDelivery({ id: "dlv_emitted", createdAt: new Date().toISOString() }));
  await history.append(relayed({ id: "dlv_delivered", state: "delivered" }));
  expect((await restore(history)).map(({ id }) => id)).toEqual(["dlv_pending", "dlv_delivered"]);
});

test("a history that can't be read ends nothing", async () => {
  await using temporary = createTemporaryHistory();
  writeFileSync(temporary.directory, "a file where a directory should be");
  expect(await restore(temporary.open())).toEqual([]);
});

function relayed(members: Partial<Delivery>): Delivery {
  return sampleDelivery({
    direction: "relayed",
    webhookId: members.id ?? null,
    createdAt: new Date().toISOString(),
    ...members,
  });
}

async function restore(history: History): Promise<readonly Delivery[]> {
  const now = (): number => systemClock.now();
  const deliveries = createRelayedDeliveries({
    now,
    randomBytes: (length) => new Uint8Array(length),
    recall: (id) => history.get(id),
  });
  const listener = { keep: () => {}, onAbandoned: () => {} };
  const outlook = createKindeOutlook({ realIssuer: undefined, now });
  return await restoreDeliveries(deliveries, outlook, { history, clock: systemClock, listener });
}

/** A tunnel with a shield, and one without that finds what another has left. */
import { expect, test } from "vitest";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { retrySchedule, type RetrySchedule } from "../../src/kinde/retry-schedule.ts";
import type { StartTunnelOptions } from "../../src/app/start-tunnel-options.ts";
import type { Project } from "../../src/project/directory.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { openShieldedOf } from "../history/pending-of.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { createWebhook } from "./create-webhook.ts";
import { openTunnel } from "./test-tunnel.ts";

function shielding(
  project: Project,
  isOn: boolean,
  schedule: RetrySchedule = retrySchedule,
): Pick<StartTunnelOptions, "shielding"> {
  return { shielding: { isOn, schedule, pending: openShieldedOf(project) } };
}

test("a tunnel without a shield brings to its end what a shielded one has left, and relays the rest", async () => {
  using project = createTemporaryProject();
  await using app = await startReceiver({ answers: [500, 200, 201] });
  const halfAMinute = shielding(project, true, [0, 30_000]);
  {
    await using tunnel = await openTunnel(project, app.url, halfAMinute);
    expect((await tunnel.post(createWebhook()))?.status).toBe(200);
    await tunnel.heard("shielded 500 pending");
    expect(tunnel.shielded()).toHaveLength(1);
    await tunnel.close(0);
    halfAMinute.shielding.pending.close();
  }
  // As if the time were over: it is due now.
  const pending = openShieldedOf(project);
  const nextAttemptAt = new Date().toISOString();
  for (const delivery of pending.claim()) pending.keep({ ...delivery, nextAttemptAt });
  pending.close();
  await using tunnel = await openTunnel(project, app.url, shielding(project, false));
  await tunnel.heard("shielded 200 delivered");
  expect((await tunnel.post(createWebhook(), "wh-2"))?.status).toBe(201);
  await tunnel.heard("end 201");
  expect(tunnel.told).toEqual(["resume 1", "shielded 200 delivered", "begin 1", "end 201"]);
  expect(tunnel.shielded()).toEqual([]);
  expect(app.requests[1]?.body).toEqual(app.requests[0]?.body);
});

test("what Kinde was still to try again is ended in history when a shield takes it over", async () => {
  using project = createTemporaryProject();
  await using app = await startReceiver();
  const history = createMemoryHistory();
  const createdAt = new Date().toISOString();
  const relayed = { direction: "relayed", endpoint: app.url, createdAt } as const;
  const attempts = [sampleAttempt({ status: 500 })];
  await history.append(sampleDelivery({ ...relayed, id: "dlv_1", webhookId: "wh-1", attempts }));
  await history.append(sampleDelivery({ ...relayed, id: "dlv_2", webhookId: "wh-2", state: "delivered" }));
  await using tunnel = await openTunnel(project, app.url, { history, ...shielding(project, true) });
  expect((await tunnel.post(createWebhook(), "wh-1"))?.status).toBe(200);
  await tunnel.heard("shielded 200 delivered");
  expect(tunnel.kept).toMatchObject([
    { id: "dlv_1", state: "failed", failedReason: "cancelled", attempts: [{}] },
  ]);
  // This one the app has had: from the run before.
  expect((await tunnel.post(createWebhook(), "wh-2"))?.status).toBe(200);
  await tunnel.heard("skipped");
  expect(app.requests).toHaveLength(1);
});

test("what a shield still attempts is not given up as Kinde's when the tunnel starts anew", async () => {
  using project = createTemporaryProject();
  const history = createMemoryHistory();
  const createdAt = new Date(Date.now() - 40 * 3_600_000).toISOString();
  const relayed = sampleDelivery({
    direction: "relayed",
    createdAt,
    attempts: [sampleAttempt({ status: 500 })],
  });
  await history.append({ ...relayed, id: "dlv_1", isShielded: true, nextAttemptAt: createdAt });
  await history.append({ ...relayed, id: "dlv_2" });
  await using tunnel = await openTunnel(project, "3000", { history });
  expect(tunnel.kept).toMatchObject([{ id: "dlv_2", failedReason: "abandoned" }]);
});

test("what waits for its turn at the close is not sent any more, has had no attempt, and is the next tunnel's", async () => {
  using project = createTemporaryProject();
  let answer = (): void => {};
  await using app = await startReceiver({
    answers: [(response) => void (answer = () => response.writeHead(200).end()), 200],
  });
  const first = shielding(project, true);
  {
    await using tunnel = await openTunnel(project, app.url, { ...first, concurrency: 1 });
    for (const webhookId of ["wh-1", "wh-2", "wh-3"]) await tunnel.post(createWebhook(), webhookId);
    await app.next();
    const closing = tunnel.close(10_000);
    expect((await tunnel.post(createWebhook(), "wh-4"))?.status).toBe(503);
    answer();
    await closing;
    expect(tunnel.told).toEqual(["ERR_CLOSING", "shielded 200 delivered"]);
    expect(tunnel.shielded()).toMatchObject([
      { webhookId: "wh-2", attempts: [] },
      { webhookId: "wh-3", attempts: [] },
    ]);
  }
  first.shielding.pending.close();
  expect(app.requests).toHaveLength(1);
  await using tunnel = await openTunnel(project, app.url, { ...shielding(project, false), concurrency: 1 });
  await tunnel.heard("resume 2");
  await app.next();
  await app.next();
  expect(app.requests.map(({ headers }) => headers["webhook-id"])).toEqual(["wh-1", "wh-2", "wh-3"]);
});

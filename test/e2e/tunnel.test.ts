import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startReceiver } from "../helpers/receiver.ts";
import { createTunnelProject, readHistory } from "./tunnel-project.ts";
import { reply } from "./app.ts";
import { onlyDelivery, recordsOf } from "./project.ts";

test("a webhook that Kinde sends to the public URL reaches the app byte for byte, and the app's answer goes back", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [reply(200, "thank you", { "x-app": "mine" })] });
  await using tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
  const token = project.kinde.signWebhook("user.created");
  const answer = await project.kinde.deliver(`${tunnel.url}?a=1`, token, {
    webhookId: "0123456789abcdef0123456789abcdef",
    headers: { "x-own": "kept" },
  });
  expect(answer).toMatchObject({ status: 200, body: "thank you", headers: { "x-app": "mine" } });
  const { method, url, headers, body } = await app.next();
  expect({ method, url, body: body.toString() }).toEqual({
    method: "POST",
    url: "/api/webhook?a=1",
    body: token,
  });
  expect(headers).toMatchObject({
    "content-type": "application/jwt",
    "webhook-id": "0123456789abcdef0123456789abcdef",
    "x-own": "kept",
    "x-forwarded-host": new URL(tunnel.url).host,
    host: `localhost:${app.port}`,
  });
});

test("every event type of Kinde passes, and verifies with Kinde's own key", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  await using tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
  const types = recordsOf(await project.run(["triggers", "--json"]), "event_type").map(({ type }) => type);
  expect(types).toHaveLength(27);
  await Promise.all(
    types.map(async (type) => {
      const { status } = await project.kinde.deliver(tunnel.url, project.kinde.signWebhook(type));
      expect([type, status]).toEqual([type, 200]);
    }),
  );
  const result = await tunnel.stop();
  const deliveries = recordsOf(result, "delivery");
  const delivered = deliveries.map(({ event }) => event?.type ?? "none");
  expect(delivered.toSorted()).toEqual(types.toSorted());
  for (const { verification } of deliveries) {
    expect(verification).toEqual({
      status: "verified",
      kid: project.kinde.kid,
      issuer: project.kinde.issuer,
    });
  }
});

test("the record is written before the sender has its answer", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  await using tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
  for (let number = 1; number <= 10; number++) {
    const token = project.kinde.signWebhook("user.created");
    await project.kinde.deliver(tunnel.url, token);
    const kept = readHistory(project);
    expect(kept).toHaveLength(number);
    expect(kept.at(-1)).toMatchObject({ direction: "relayed", token, state: "delivered" });
  }
});

test("--no-history keeps nothing on disk, and recognises attempts all the same", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [500, 200] });
  await using tunnel = await project.open([
    String(app.port),
    "--issuer",
    project.kinde.issuer,
    "--no-history",
  ]);
  const token = project.kinde.signWebhook("user.created");
  await project.kinde.deliver(tunnel.url, token, { webhookId: "same" });
  await project.kinde.deliver(tunnel.url, token, { webhookId: "same" });
  const result = await tunnel.stop();
  expect(recordsOf(result, "delivery").map(({ state, attempts }) => [state, attempts.length])).toEqual([
    ["pending", 1],
    ["delivered", 2],
  ]);
  expect(existsSync(join(project.directory, "history"))).toBe(false);
});

test("attempts of one webhook-id are one delivery, also across a restart of the tunnel", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [500, 503, 200] });
  const token = project.kinde.signWebhook("user.created");
  const send = async (url: string): Promise<number> =>
    (await project.kinde.deliver(url, token, { webhookId: "same" })).status;

  await using first = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
  expect([await send(first.url), await send(first.url)]).toEqual([500, 503]);
  const before = recordsOf(await first.stop(), "delivery");
  await using second = await project.open();
  expect(second.url).toBe(first.url);
  expect(await send(second.url)).toBe(200);
  const after = onlyDelivery(await second.stop());

  expect(before.map(({ id, state }) => [id, state])).toEqual([
    [after.id, "pending"],
    [after.id, "pending"],
  ]);
  expect(after).toMatchObject({
    state: "delivered",
    attempts: [
      { number: 1, status: 500 },
      { number: 2, status: 503 },
      { number: 3, status: 200 },
    ],
  });
});

test("the same event under another webhook-id is a delivery of its own", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  await using tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
  const token = project.kinde.signWebhook("user.created");
  for (const webhookId of ["one", "two"]) await project.kinde.deliver(tunnel.url, token, { webhookId });
  const deliveries = recordsOf(await tunnel.stop(), "delivery");
  expect(new Set(deliveries.map(({ id }) => id)).size).toBe(2);
  expect(deliveries.map(({ webhookId, attempts }) => [webhookId, attempts.length])).toEqual([
    ["one", 1],
    ["two", 1],
  ]);
});

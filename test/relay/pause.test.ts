/** Forwarding that rests: what comes is answered 503, or only taken over, and passed on when it is resumed. */
import type { JsonWebKey } from "node:crypto";
import { expect, inject, test } from "vitest";
import { retrySchedule } from "../../src/kinde/retry-schedule.ts";
import { requestBytes } from "../attacks/attack.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { startStandInKinde } from "../helpers/stand-in-kinde.mjs";
import { openShieldedOf } from "../history/pending-of.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { createWebhook } from "./create-webhook.ts";
import { startTestIntake, type TestIntake } from "./test-intake.ts";
import { openTunnel } from "./test-tunnel.ts";
import { headerOf, openWire, type WireAnswer } from "./wire.ts";

const privateJwk = inject("foreignPrivateJwk") as JsonWebKey;

async function post({ port }: TestIntake, body: string, method = "POST"): Promise<WireAnswer> {
  using wire = await openWire(port);
  await wire.write(requestBytes({ body, method }));
  return (await wire.answer())!;
}

test("a webhook is answered 503 with the time to come again, and no attempt is made of it", async () => {
  await using app = await startReceiver();
  const putOff: unknown[] = [];
  await using intake = await startTestIntake({
    forwards: [app.url, `user.*=${app.url}`],
    isPaused: () => true,
    onPutOff: ({ webhookId, event }) => putOff.push([webhookId, event?.type]),
  });
  const answer = await post(intake, createWebhook("user.created"));
  expect(answer).toMatchObject({ status: 503, body: { length: 0 } });
  expect(headerOf(answer, "retry-after")).toBe("5");
  expect(intake.refused).toMatchObject([{ code: "ERR_PAUSED", status: 503, method: "POST" }]);
  expect(intake.refused[0]!.reason).toContain("user.created");
  expect(putOff).toEqual([["attack", "user.created"]]);
  expect([app.requests, intake.begun, intake.kept]).toEqual([[], [], []]);
});

test.each<[string, string, string, number, string[]]>([
  ["what is no webhook request", "GET", "", 404, ["ERR_NOT_A_WEBHOOK_REQUEST"]],
  ["what does not verify", "POST", "no token", 401, ["ERR_NOT_A_JWT"]],
  ["an event that nothing wants", "POST", createWebhook("role.created"), 200, []],
])("%s is answered as ever", async (_, method, body, status, codes) => {
  await using intake = await startTestIntake({
    forwards: ["user.*=http://127.0.0.1:9"],
    isPaused: () => true,
  });
  expect(await post(intake, body, method)).toMatchObject({ status });
  expect(intake.refused.map(({ code }) => code)).toEqual(codes);
});

test("what is under way goes on, and what comes after is put off until it is resumed", async () => {
  using project = createTemporaryProject();
  let release = (): void => {};
  const slow: Answer = (response) => void (release = () => response.writeHead(200).end());
  await using app = await startReceiver({ answers: [slow, 200] });
  await using tunnel = await openTunnel(project, app.url);
  expect(tunnel.isPaused()).toBe(false);
  const first = tunnel.post(createWebhook(), "wh-1");
  await app.next();
  tunnel.pause();
  expect(tunnel.isPaused()).toBe(true);
  release();
  expect(await first).toMatchObject({ status: 200 });
  expect(await tunnel.post(createWebhook(), "wh-2")).toMatchObject({ status: 503 });
  tunnel.resume();
  expect(await tunnel.post(createWebhook(), "wh-2")).toMatchObject({ status: 200 });
  expect(tunnel.told.filter((what) => what !== "begin 1")).toEqual(["end 200", "ERR_PAUSED", "end 200"]);
  expect(app.requests).toHaveLength(2);
});

test("what Kinde was told to bring again is known at the end, until it has brought it", async () => {
  using project = createTemporaryProject();
  await using kinde = await startStandInKinde({ privateJwk });
  await using app = await startReceiver();
  await using tunnel = await openTunnel(project, app.url, { realIssuer: kinde.issuer });
  const token = kinde.signWebhook("user.created");
  tunnel.pause();
  expect(await tunnel.post(token, "wh-1")).toMatchObject({ status: 503 });
  expect(await tunnel.post(token, "wh-1")).toMatchObject({ status: 503 });
  expect(tunnel.failing()).toMatchObject({ isCalled: true, count: 1, since: expect.any(Number) });
  tunnel.resume();
  expect(await tunnel.post(token, "wh-1")).toMatchObject({ status: 200 });
  expect(tunnel.failing()).toMatchObject({ isCalled: true, count: 0, since: undefined });
});

test("a shield takes webhooks over meanwhile, and the app gets them when it is resumed", async () => {
  using project = createTemporaryProject();
  await using app = await startReceiver();
  const pending = openShieldedOf(project);
  await using tunnel = await openTunnel(project, app.url, {
    shielding: { isOn: true, schedule: retrySchedule, pending },
  });
  tunnel.pause();
  const tokens = [createWebhook(), createWebhook()];
  expect(await tunnel.post(tokens[0]!, "wh-1")).toMatchObject({ status: 200 });
  expect(await tunnel.post(tokens[1]!, "wh-2")).toMatchObject({ status: 200 });
  expect(tunnel.shielded()).toMatchObject([{ attempts: [] }, { attempts: [] }]);
  expect(app.requests).toEqual([]);
  tunnel.resume();
  const came = [await app.next(), await app.next()].map(({ body }) => body.toString());
  expect(came.toSorted()).toEqual(tokens.toSorted());
});

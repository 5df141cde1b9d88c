/** Faults in a test: delivered by `emit`, handed over by `createRequest`. */
import { decodeWebhook } from "@kinde/webhooks";
import { describe, expect, test } from "vitest";
import { judgeAnswers } from "../../src/delivery/verdict.ts";
import { faults, startMockKinde, type Fault, type FaultName } from "../../src/index.ts";
import { correct, startHandler, unverified } from "../delivery/handlers.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { refusalOf, type Untyped } from "./refusal.ts";

const beyondOneRequest: readonly FaultName[] = ["duplicate", "reordered", "slow-sender", "cut-body"];
const ofOneRequest = faults.filter(({ isOneRequest }) => isOneRequest);
const now = Date.UTC(2026, 0, 2);

describe("emit with a fault", () => {
  test.each(faults)("delivers $name, and a correct handler meets what is expected", async (fault) => {
    await using kinde = await startMockKinde({ signingKey });
    await using handler = await startHandler(kinde.issuer, correct);
    const delivery = await kinde.emit("user.updated", { to: handler.url, fault: fault.name });
    expect(kinde.deliveries[0]).toBe(delivery);
    expect(kinde.deliveries.map((each) => each.fault)).toEqual(namesOf(fault));
    expect(kinde.deliveries.map(({ verdict }) => verdict)).toEqual(namesOf(fault).map(() => "pass"));
  });

  test("shows what a handler that believes all takes: the fault is told by the answer", async () => {
    await using kinde = await startMockKinde({ signingKey });
    await using handler = await startHandler(kinde.issuer, unverified);
    const mistaken: FaultName[] = [];
    for (const { name } of ofOneRequest) {
      const { verdict } = await kinde.emit("user.updated", { to: handler.url, fault: name });
      if (verdict === "fail") mistaken.push(name);
    }
    expect(mistaken).toEqual(
      ofOneRequest.filter(({ expects }) => expects === "refuse").map(({ name }) => name),
    );
  });

  test.each(["duplicate", "reordered"] as const)(
    "gives of the two of %s the one that was answered wrong",
    async (fault) => {
      await using receiver = await startReceiver({ answers: [200, 500] });
      await using kinde = await startMockKinde({ signingKey });
      const delivery = await kinde.emit("user.updated", { to: receiver.url, fault });
      expect(kinde.deliveries.map(({ verdict }) => verdict)).toEqual(["pass", "fail"]);
      expect(delivery).toBe(kinde.deliveries[1]);
    },
  );

  test("sends the whole behind a cut body, and sees that the app has not stood it", async () => {
    await using receiver = await startReceiver({ answers: [503] });
    await using kinde = await startMockKinde({ signingKey, now });
    const delivery = await kinde.emit("user.updated", { to: receiver.url, fault: "cut-body" });
    expect(delivery.attempts.map(({ status, error }) => [status, error?.code])).toEqual([
      [null, "ERR_CUT_ON_PURPOSE"],
      [503, undefined],
    ]);
    expect(delivery).toMatchObject({ state: "failed", failedReason: "not_delivered", verdict: "fail" });
  });

  test("has no verdict when it was called off", async () => {
    await using receiver = await startReceiver({ answers: [() => {}] });
    await using kinde = await startMockKinde({ signingKey });
    const emitted = kinde.emit("user.updated", { to: receiver.url, fault: "duplicate" });
    await receiver.next();
    await kinde.reset();
    expect(await emitted).toMatchObject({ failedReason: "cancelled" });
    expect(await emitted).not.toHaveProperty("verdict");
  });

  test("goes to the webhooks, is attempted once, and leaves what is retried alone", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using kinde = await startMockKinde({ signingKey, now, webhooks: [{ endpoint: receiver.url }] });
    expect(await kinde.emit("user.created")).toMatchObject({ state: "pending" });
    expect(await kinde.emit("user.created", { fault: "duplicate" })).toMatchObject({ state: "failed" });
    await kinde.clock.advance("36h");
    expect(kinde.deliveries.map(({ fault, attempts }) => [fault, attempts.length])).toEqual([
      [undefined, 9],
      ["duplicate", 1],
      ["duplicate", 1],
    ]);
  });

  test.each(faults.filter(({ name }) => name !== "slow-sender"))(
    "makes the same of a seed each time: $name",
    async ({ name }) => {
      await using receiver = await startReceiver();
      const play = async (): Promise<unknown> => {
        await using kinde = await startMockKinde({ signingKey, now, randomSeed: "same" });
        await kinde.emit("user.updated", { to: receiver.url, fault: name });
        await kinde.emit("user.updated", { to: receiver.url });
        return kinde.deliveries.map(({ id, webhookId, token, event }) => [id, webhookId, token, event]);
      };
      expect(await play()).toEqual(await play());
    },
  );
});

describe("createRequest with a fault", () => {
  test.each(ofOneRequest)("makes the request that emit would send: $name", async ({ name }) => {
    await using receiver = await startReceiver();
    await using kinde = await startMockKinde({ signingKey, now, randomSeed: "same" });
    const options = { fault: name, data: { user: { email: "ada@example.com" } } } as const;
    const request = await kinde.createRequest("user.updated", { ...options, url: receiver.url });
    await kinde.reset();
    await kinde.emit("user.updated", { ...options, to: receiver.url });
    const sent = await receiver.next();
    expect(await request.text()).toBe(sent.body.toString());
    const { connection: _c, host: _h, "content-length": _l, ...sentHeaders } = sent.headers;
    expect(Object.fromEntries(request.headers)).toEqual(sentHeaders);
  });

  test.each(ofOneRequest)(
    "calls a route handler, which answers as it is expected to: $name",
    async (fault) => {
      await using kinde = await startMockKinde({ signingKey });
      async function POST(request: Request): Promise<Response> {
        const event = await decodeWebhook(await request.text(), kinde.issuer);
        return new Response(null, { status: event === null ? 400 : 200 });
      }
      const { status } = await POST(await kinde.createRequest("user.updated", { fault: fault.name }));
      expect(judgeAnswers(fault.name, [status])).toBe("pass");
    },
  );

  test.each(beyondOneRequest)("has no single request for %s: ERR_INVALID_OPTION", async (fault) => {
    await using kinde = await startMockKinde({ signingKey });
    await expect(kinde.createRequest("user.updated", { fault })).rejects.toMatchObject({
      code: "ERR_INVALID_OPTION",
      option: "fault of createRequest",
      expected: ofOneRequest.map(({ name }) => name).join(", "),
    });
  });
});

describe.each(["emit", "createRequest"] as const)("%s refuses a fault", (verb) => {
  test.each<[unknown, object]>([
    ["bad-signatur", { code: "ERR_UNKNOWN_FAULT", fault: "bad-signatur", closest: "bad-signature" }],
    ["Duplicate", { code: "ERR_UNKNOWN_FAULT", closest: "duplicate" }],
    ["toString", { code: "ERR_UNKNOWN_FAULT" }],
    ["", { code: "ERR_UNKNOWN_FAULT" }],
    [7, { code: "ERR_INVALID_OPTION", option: `fault of ${verb}` }],
    [["duplicate"], { code: "ERR_INVALID_OPTION", option: `fault of ${verb}` }],
    [null, { code: "ERR_INVALID_OPTION", option: `fault of ${verb}` }],
  ])("that is %j, and delivers nothing", async (fault, refusal) => {
    await using receiver = await startReceiver();
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    const error = await refusalOf(kinde[verb] as Untyped<unknown>, ["user.created", { fault }]);
    expect(error).toMatchObject(refusal);
    expect(kinde.deliveries).toEqual([]);
    expect(receiver.requests).toEqual([]);
  });
});

/** The fault of each delivery that one makes at a webhook. */
function namesOf({ name }: Fault): FaultName[] {
  return name === "duplicate" || name === "reordered" ? [name, name] : [name];
}

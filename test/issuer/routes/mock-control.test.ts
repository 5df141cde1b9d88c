/** What only a mock answers of the control API: its clock, its webhooks, its deliveries, and a new beginning. */
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/delivery/clock.ts";
import type { Delivery } from "../../../src/delivery/delivery.ts";
import { createHeldScheduleClock } from "../../../src/delivery/schedule-clock.ts";
import { createMemoryHistory } from "../../../src/history/memory-history.ts";
import type { RegisteredWebhook } from "../../../src/kinde/webhook.ts";
import { startTestMock, type TestMock } from "../../app/test-mock.ts";
import { sampleDelivery } from "../../delivery/sample-delivery.ts";
import { startReceiver } from "../../helpers/receiver.ts";
import { createTemporaryProject } from "../../project/temporary-project.ts";
import { ask, errorCode, type Answered, type Asked } from "../ask.ts";
import { startTestIssuer, authorization } from "../test-issuer.ts";
import { callManagement } from "./management-mock.ts";

const start = Date.UTC(2026, 0, 2);
const hour = 3_600_000;
const at = (ms: number): { now: string } => ({ now: new Date(start + ms).toISOString() });

interface ControlledMock extends AsyncDisposable {
  readonly mock: TestMock;
  /** A call of the control API; a body as JSON, a text as it stands. */
  call(method: string, path: string, body?: unknown, headers?: Asked["headers"]): Promise<Answered>;
  webhooks(): Promise<readonly RegisteredWebhook[]>;
}

/** A project's mock whose time is moved by hand. */
async function startControlled(...urls: readonly string[]): Promise<ControlledMock> {
  const project = createTemporaryProject();
  const time = createHeldScheduleClock(start);
  const history = createMemoryHistory();
  const mock = await startTestMock(project, urls, {
    clock: { ...systemClock, now: time.now },
    time,
    history,
    onChange: (delivery) => void history.append(delivery),
  });
  const call: ControlledMock["call"] = async (method, path, body, headers = {}) =>
    await ask(mock.run.port, `/_devhook/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${mock.run.token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  return {
    mock,
    call,
    webhooks: async () =>
      ((await call("GET", "/webhooks")).json as { webhooks: RegisteredWebhook[] }).webhooks,
    [Symbol.asyncDispose]: async () => {
      await mock.close(0);
      project[Symbol.dispose]();
    },
  };
}

async function emit({ call }: ControlledMock): Promise<Delivery> {
  const { json } = await call("POST", "/emit", { type: "user.created" });
  return (json as { deliveries: [Delivery] }).deliveries[0];
}

describe("the clock", () => {
  test("tells its time, and is moved ahead: what falls due has been attempted when it answers", async () => {
    await using receiver = await startReceiver({ answers: [500, 500, 200] });
    await using controlled = await startControlled(receiver.url);
    expect(await controlled.call("GET", "/clock")).toMatchObject({ status: 200, json: at(0) });
    await emit(controlled);
    expect(await controlled.call("POST", "/clock", { advance: "5s" })).toMatchObject({
      status: 200,
      json: at(5_000),
    });
    expect(receiver.requests).toHaveLength(2);
    expect(await controlled.call("POST", "/clock", { advance: 2 * hour })).toMatchObject({
      json: at(5_000 + 2 * hour),
    });
    expect(receiver.requests).toHaveLength(3);
    expect((await controlled.call("GET", "/clock")).json).toEqual(at(5_000 + 2 * hour));
  });

  test.each([
    ["a negative time", { advance: -1 }, "ERR_INVALID_OPTION", "Time does not go back."],
    ["a negative text", { advance: "-2h" }, "ERR_INVALID_OPTION", "Time does not go back."],
    ["a word", { advance: "soon" }, "ERR_INVALID_OPTION", `"soon"`],
    ["more than a year", { advance: "366d" }, "ERR_INVALID_OPTION", "365d"],
    ["no time", {}, "ERR_INVALID_OPTION", "advance of the clock"],
    ["null", { advance: null }, "ERR_INVALID_OPTION", "null"],
    ["a list", { advance: ["2h"] }, "ERR_INVALID_OPTION", "advance of the clock"],
    ["an unknown member", { advence: "2h" }, "ERR_INVALID_OPTION", `Did you mean "advance"?`],
    ["a member beside it", { advance: "2h", now: 0 }, "ERR_INVALID_OPTION", `"now"`],
    ["a body that is a list", [], "ERR_INVALID_OPTION", "the clock"],
    ["malformed JSON", `{"advance":`, "ERR_INVALID_BODY", ""],
    ["JSON that is no object", `"2h"`, "ERR_INVALID_BODY", ""],
  ])("is not moved by %s: 400", async (_, body, code, message) => {
    await using controlled = await startControlled();
    const answered = await controlled.call("POST", "/clock", body);
    expect([answered.status, errorCode(answered)]).toEqual([400, code]);
    expect(JSON.stringify(answered.json)).toContain(JSON.stringify(message).slice(1, -1));
    expect((await controlled.call("GET", "/clock")).json).toEqual(at(0));
  });

  test.each([
    ["no body at all", {}, undefined],
    ["a body of another content type", { "content-type": "text/plain" }, `{"advance":"2h"}`],
  ])("is not moved by %s: 400", async (_, headers, body) => {
    await using controlled = await startControlled();
    const answered = await controlled.call("POST", "/clock", body, headers);
    expect([answered.status, errorCode(answered)]).toEqual([400, "ERR_INVALID_OPTION"]);
  });
});

test("no body is none, also when its length is told", async () => {
  await using controlled = await startControlled();
  const answered = await controlled.call("POST", "/rate-limit", undefined, { "content-length": "0" });
  expect([answered.status, answered.json]).toEqual([200, { calls: 1, resetSeconds: 1 }]);
});

test.each([
  ["/emit", { type: "user.created" }],
  ["/clock", { advance: "2h" }],
  ["/rate-limit", { calls: 100 }],
])(
  "a body that is called a form, as curl -d does, is not passed over: POST %s says how it is sent",
  async (path, body) => {
    await using controlled = await startControlled();
    const answered = await controlled.call("POST", path, body, {
      "content-type": "application/x-www-form-urlencoded",
    });
    expect([answered.status, errorCode(answered)]).toEqual([400, "ERR_INVALID_OPTION"]);
    expect(JSON.stringify(answered.json)).toContain("content-type: application/json");
  },
);

describe("webhooks", () => {
  test("are listed, disabled and enabled; the Management API shows nothing of it, as Kinde's has no such member", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using controlled = await startControlled(receiver.url);
    const [webhook] = await controlled.webhooks();
    expect(webhook).toMatchObject({ endpoint: receiver.url, isDisabled: false });
    await emit(controlled);
    const path = `/webhooks/${webhook?.id}`;
    expect(await controlled.call("POST", `${path}/disable`)).toMatchObject({
      status: 200,
      json: { webhook: { id: webhook?.id, isDisabled: true } },
    });
    expect(controlled.mock.pending()).toEqual([]);
    expect(errorCode(await controlled.call("POST", "/emit", { type: "user.created" }))).toBe(
      "ERR_WEBHOOK_DISABLED",
    );
    const { body } = await callManagement(controlled.mock.run.port, "GET", "/webhooks");
    expect(body).not.toMatch(/disabled/i);
    expect(await controlled.call("POST", `${path}/enable`)).toMatchObject({
      status: 200,
      json: { webhook: { isDisabled: false } },
    });
    expect((await emit(controlled)).state).toBe("pending");
  });

  test.each(["enable", "disable"])("that are not there can't be switched to %s: 404", async (verb) => {
    await using controlled = await startControlled("http://localhost:3000/");
    for (const id of ["webhook_0", "constructor", encodeURIComponent("../clock")]) {
      const answered = await controlled.call("POST", `/webhooks/${id}/${verb}`);
      expect([answered.status, errorCode(answered)]).toEqual([404, "ERR_UNKNOWN_WEBHOOK"]);
    }
  });

  test("that are removed get no retry any more: what is pending for them is called off", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using other = await startReceiver({ answers: [500] });
    await using controlled = await startControlled(receiver.url, other.url);
    const { id } = await emit(controlled);
    const [webhook] = await controlled.webhooks();
    const { status } = await callManagement(controlled.mock.run.port, "DELETE", `/webhooks/${webhook?.id}`);
    expect(status).toBe(200);
    expect((await controlled.call("GET", `/deliveries/${id}`)).json).toMatchObject({
      delivery: { state: "failed", failedReason: "cancelled" },
    });
    await controlled.call("POST", "/clock", { advance: "36h" });
    expect([receiver.requests.length, other.requests.length]).toEqual([1, 9]);
  });
});

describe("a delivery", () => {
  test("is told by its id while it is pending, and when it has ended", async () => {
    await using receiver = await startReceiver({ answers: [500, 200] });
    await using controlled = await startControlled(receiver.url);
    const { id, nextAttemptAt } = await emit(controlled);
    expect((await controlled.call("GET", `/deliveries/${id}`)).json).toMatchObject({
      delivery: { id, state: "pending", nextAttemptAt, attempts: [{ status: 500 }] },
    });
    await controlled.call("POST", "/clock", { advance: "5s" });
    for (const query of ["", "?until=ended"]) {
      expect((await controlled.call("GET", `/deliveries/${id}${query}`)).json).toMatchObject({
        delivery: { id, state: "delivered", nextAttemptAt: null },
      });
    }
  });

  test("is told with ?until=ended when it has ended, and not before", async () => {
    await using receiver = await startReceiver({ answers: [500, 200] });
    await using controlled = await startControlled(receiver.url);
    const { id } = await emit(controlled);
    let isTold = false;
    const ended = controlled.call("GET", `/deliveries/${id}?until=ended`).finally(() => (isTold = true));
    await controlled.call("POST", "/clock", { advance: 4_999 });
    expect(isTold).toBe(false);
    await controlled.call("POST", "/clock", { advance: 1 });
    expect((await ended).json).toMatchObject({ delivery: { id, state: "delivered" } });
  });

  test("is told as pending to who waits for its end when the mock closes and keeps it", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using controlled = await startControlled(receiver.url);
    const { id } = await emit(controlled);
    const ended = controlled.call("GET", `/deliveries/${id}?until=ended`);
    // The question has come before this is answered.
    await controlled.call("GET", "/clock");
    await controlled.mock.close(20_000);
    expect((await ended).json).toMatchObject({ delivery: { id, state: "pending" } });
  });

  test.each(["", "?until=ended"])("that is not there can't be told, with %j: 404", async (query) => {
    await using controlled = await startControlled();
    const answered = await controlled.call("GET", `/deliveries/dlv_0${query}`);
    expect([answered.status, errorCode(answered)]).toEqual([404, "ERR_UNKNOWN_DELIVERY"]);
  });

  test("can't be waited for until anything else than its end: 400", async () => {
    await using controlled = await startControlled();
    const answered = await controlled.call("GET", "/deliveries/dlv_0?until=delivered");
    expect([answered.status, errorCode(answered)]).toEqual([400, "ERR_INVALID_OPTION"]);
  });

  test("is told from the history where there is no mock", async () => {
    const history = createMemoryHistory();
    await history.append(sampleDelivery());
    await using issuer = await startTestIssuer({ history });
    const path = `/_devhook/api/deliveries/${sampleDelivery().id}?until=ended`;
    expect((await ask(issuer.port, path, { headers: { authorization } })).json).toEqual({
      delivery: sampleDelivery(),
    });
  });
});

test("a reset calls off what is pending, restores webhooks and time, and answers with the time", async () => {
  await using receiver = await startReceiver({ answers: [500] });
  await using controlled = await startControlled(receiver.url);
  const { id } = await emit(controlled);
  await controlled.call("POST", "/clock", { advance: "1h" });
  const made = receiver.requests.length;
  const [webhook] = await controlled.webhooks();
  await controlled.call("POST", `/webhooks/${webhook?.id}/disable`);
  await controlled.call("POST", `/webhooks/${webhook?.id}/enable`);
  const second = await emit(controlled);
  expect(await controlled.call("POST", "/reset")).toMatchObject({ status: 200, json: at(0) });
  expect(await controlled.webhooks()).toEqual([webhook]);
  expect((await controlled.call("GET", `/deliveries/${id}`)).json).toMatchObject({
    delivery: { failedReason: "disabled" },
  });
  expect((await controlled.call("GET", `/deliveries/${second.id}`)).json).toMatchObject({
    delivery: { failedReason: "cancelled" },
  });
  await controlled.call("POST", "/clock", { advance: "36h" });
  expect(receiver.requests).toHaveLength(made + 1);
});

test.each([
  ["GET", "/clock"],
  ["POST", "/clock"],
  ["GET", "/webhooks"],
  ["POST", "/webhooks/webhook_0/enable"],
  ["POST", "/webhooks/webhook_0/disable"],
  ["GET", "/deliveries/dlv_0"],
  ["POST", "/reset"],
])("%s %s needs the control token: 401", async (method, path) => {
  await using controlled = await startControlled();
  const body = method === "POST" ? {} : undefined;
  for (const given of ["", "Bearer another"]) {
    const answered = await controlled.call(method, path, body, { authorization: given });
    expect([answered.status, errorCode(answered)]).toEqual([401, "ERR_CONTROL_TOKEN"]);
  }
});

test.each([
  ["GET", "/clock"],
  ["POST", "/clock"],
  ["POST", "/reset"],
])("%s %s is nobody's where there is no mock: 404", async (method, path) => {
  await using issuer = await startTestIssuer();
  const { status } = await ask(issuer.port, `/_devhook/api${path}`, { method, headers: { authorization } });
  expect(status).toBe(404);
});

/** 429 on demand: the Management API as an app meets it that calls too often. */
import { describe, expect, test } from "vitest";
import { startTestMock, type TestMock } from "../../app/test-mock.ts";
import { createTemporaryProject } from "../../project/temporary-project.ts";
import { ask, errorCode, type Answered } from "../ask.ts";
import { authorization, startTestIssuer } from "../test-issuer.ts";
import { fetchToken, order, startManagementMock, type ManagementMock } from "./management-mock.ts";

const path = "/_devhook/api/rate-limit";

async function statusesOf({ call }: ManagementMock, count: number): Promise<unknown[]> {
  const statuses: unknown[] = [];
  while (statuses.length < count) statuses.push((await call("GET", "/webhooks")).status);
  return statuses;
}

async function orderLimit({ port, run }: TestMock, body: string): Promise<Answered> {
  const headers = { authorization: `Bearer ${run.token}`, "content-type": "application/json" };
  return await ask(port, path, { method: "POST", headers, body });
}

describe("calls that are refused as too many", () => {
  test("are answered 429 with RateLimit-Reset in seconds, and an error like every other", async () => {
    await using managed = await startManagementMock();
    managed.mock.rateLimit.limit({ calls: 1, resetSeconds: 7 });
    const answered = await managed.call("GET", "/webhooks");
    expect(answered).toMatchObject({ status: 429, headers: { "ratelimit-reset": "7" } });
    expect(answered.json).toEqual({
      errors: [{ code: "TOO_MANY_REQUESTS", message: expect.any(String) }],
    });
  });

  test("are as many as were ordered, however soon they come", async () => {
    await using managed = await startManagementMock();
    managed.mock.rateLimit.limit({ calls: 2, resetSeconds: 3600 });
    expect(await statusesOf(managed, 4)).toEqual([429, 429, 200, 200]);
  });

  test("are those of the newest order", async () => {
    await using managed = await startManagementMock();
    managed.mock.rateLimit.limit({ calls: 9, resetSeconds: 1 });
    managed.mock.rateLimit.limit({ calls: 1, resetSeconds: 1 });
    expect(await statusesOf(managed, 2)).toEqual([429, 200]);
    managed.mock.rateLimit.limit({ calls: 9, resetSeconds: 1 });
    managed.mock.rateLimit.limit({ calls: 0, resetSeconds: 1 });
    expect(await statusesOf(managed, 1)).toEqual([200]);
  });

  test.each([
    ["GET", "/webhooks"],
    ["POST", "/webhooks"],
    ["PATCH", "/webhooks/webhook_0"],
    ["DELETE", "/webhook/webhook_0"],
    ["GET", "/events/event_0"],
    ["GET", "/event_types"],
  ])("may be any: %s %s, with a token or without", async (method, called) => {
    await using managed = await startManagementMock();
    const body = method === "POST" ? order : undefined;
    for (const token of [undefined, null]) {
      managed.mock.rateLimit.limit({ calls: 1, resetSeconds: 1 });
      const answered = await managed.call(method, called, { body, token });
      expect([answered.status, errorCode(answered)]).toEqual([429, "TOO_MANY_REQUESTS"]);
    }
    expect(managed.mock.webhooks).toEqual([]);
  });

  test("are calls of the Management API: a token and the JWKS are there to be had", async () => {
    await using managed = await startManagementMock();
    const { port, rateLimit } = managed.mock;
    rateLimit.limit({ calls: 1, resetSeconds: 1 });
    expect(await fetchToken(port)).toMatch(/^ey/);
    expect((await ask(port, "/.well-known/jwks")).status).toBe(200);
    expect((await managed.call("GET", "/users")).status).toBe(404);
    expect(await statusesOf(managed, 2)).toEqual([429, 200]);
  });
});

describe("the control API", () => {
  test.each([
    [
      { calls: 2, resetSeconds: 5 },
      { calls: 2, resetSeconds: 5 },
    ],
    [{ calls: 3 }, { calls: 3, resetSeconds: 1 }],
    [{}, { calls: 1, resetSeconds: 1 }],
    [{ calls: 0 }, { calls: 0, resetSeconds: 1 }],
  ])("orders %j, and says what holds: %j", async (given, holds) => {
    using project = createTemporaryProject();
    await using mock = await startTestMock(project, []);
    expect(await orderLimit(mock, JSON.stringify(given))).toMatchObject({ status: 200, json: holds });
    for (let call = 0; call < holds.calls; call++) {
      const { status, headers } = await ask(mock.port, "/api/v1/webhooks");
      expect([status, headers["ratelimit-reset"]]).toEqual([429, String(holds.resetSeconds)]);
    }
    expect((await ask(mock.port, "/api/v1/webhooks")).status).toBe(403);
  });

  test.each([
    [`{"calls":-1}`, "calls"],
    [`{"calls":"2"}`, "calls"],
    [`{"calls":1.5}`, "calls"],
    [`{"calls":10001}`, "calls"],
    [`{"calls":null}`, "calls"],
    [`{"resetSeconds":-1}`, "resetSeconds"],
    [`{"resetSeconds":0.5}`, "resetSeconds"],
    [`{"resetSeconds":3601}`, "resetSeconds"],
    [`{"call":1}`, `Did you mean "calls"?`],
    [`[2]`, "an object"],
  ])("refuses %s, and nothing is limited", async (body, names) => {
    using project = createTemporaryProject();
    await using mock = await startTestMock(project, []);
    const answered = await orderLimit(mock, body);
    expect([answered.status, errorCode(answered)]).toEqual([400, "ERR_INVALID_OPTION"]);
    expect(answered.body).toContain(JSON.stringify(names).slice(1, -1));
    expect((await ask(mock.port, "/api/v1/webhooks")).status).toBe(403);
  });

  test("refuses what is no JSON: ERR_INVALID_BODY", async () => {
    using project = createTemporaryProject();
    await using mock = await startTestMock(project, []);
    const answered = await orderLimit(mock, "{calls:2}");
    expect([answered.status, errorCode(answered)]).toEqual([400, "ERR_INVALID_BODY"]);
  });

  test("needs its token for it", async () => {
    using project = createTemporaryProject();
    await using mock = await startTestMock(project, []);
    const answered = await ask(mock.port, path, { method: "POST" });
    expect([answered.status, errorCode(answered)]).toEqual([401, "ERR_CONTROL_TOKEN"]);
  });

  test("has no such route where there is no Management API", async () => {
    await using issuer = await startTestIssuer();
    expect((await ask(issuer.port, path, { method: "POST", headers: { authorization } })).status).toBe(404);
  });
});

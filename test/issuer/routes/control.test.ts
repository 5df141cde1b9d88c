import { describe, expect, test } from "vitest";
import { createMemoryHistory } from "../../../src/history/memory-history.ts";
import { InvalidPathError } from "../../../src/kinde/errors.ts";
import type { MockControl } from "../../../src/issuer/routes/mock-control.ts";
import { createRateLimit } from "../../../src/mock/rate-limit.ts";
import type { EmitRequest } from "../../../src/mock/mock.ts";
import { sampleDelivery } from "../../delivery/sample-delivery.ts";
import { signingKey } from "../../helpers/keys.ts";
import { ask, errorCode, type Answered } from "../ask.ts";
import { authorization, controlToken, startTestIssuer } from "../test-issuer.ts";
import { order, register, startManagementMock } from "./management-mock.ts";

const api = "/_devhook/api";

describe("health", () => {
  test("is open to every process of this machine, and says whose issuer this is", async () => {
    await using issuer = await startTestIssuer({ project: "/some/project/.kinde-devhook" });
    const { status, json } = await ask(issuer.port, `${api}/health`);
    expect(status).toBe(200);
    expect(json).toEqual({
      name: "kinde-devhook",
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      project: "/some/project/.kinde-devhook",
      pid: process.pid,
      keyIds: [signingKey.kid],
    });
  });

  test("tells no token", async () => {
    await using issuer = await startTestIssuer();
    expect((await ask(issuer.port, `${api}/health`)).body).not.toContain(controlToken);
  });
});

describe("without the control token", () => {
  test.each([
    ["no header", undefined],
    ["another scheme", `Basic ${controlToken}`],
    ["the token alone", controlToken],
    ["another token", "Bearer another"],
    ["a longer token", `Bearer ${controlToken}x`],
    ["a shorter token", `Bearer ${controlToken.slice(0, -1)}`],
    ["an empty token", "Bearer "],
  ])("nothing but health is told or done, with %s: 401", async (_, given) => {
    const emitted: EmitRequest[] = [];
    await using issuer = await startTestIssuer({ mock: mockThat(emitTo(emitted)) });
    const headers = {
      "content-type": "application/json",
      ...(given !== undefined && { authorization: given }),
    };
    for (const [method, path] of [
      ["GET", "/deliveries"],
      ["POST", "/emit"],
      ["GET", "/keys"],
      ["POST", "/keys"],
      ["GET", "/webhooks"],
      ["GET", "/until-closing"],
      ["GET", "/nothing"],
    ] as const) {
      const body = method === "POST" ? `{"type":"user.created"}` : undefined;
      const answered = await ask(issuer.port, api + path, {
        method,
        headers,
        ...(body !== undefined && { body }),
      });
      expect([path, answered.status, errorCode(answered)]).toEqual([path, 401, "ERR_CONTROL_TOKEN"]);
    }
    expect(emitted).toEqual([]);
  });

  test("the scheme's case does not matter", async () => {
    await using issuer = await startTestIssuer();
    const headers = { authorization: `bearer ${controlToken}` };
    expect((await ask(issuer.port, `${api}/deliveries`, { headers })).status).toBe(200);
  });
});

describe("a page", () => {
  test.each([
    ["elsewhere", () => "https://evil.example"],
    ["of another port of this machine", () => "http://localhost:3000"],
    ["of another name of this machine", (port: number) => `http://127.0.0.1:${port}`],
    ["over https", (port: number) => `https://localhost:${port}`],
    ["without an origin to tell", () => "null"],
  ])("%s may not use the control API, whatever token it has: 403", async (_, originOf) => {
    const emitted: EmitRequest[] = [];
    await using issuer = await startTestIssuer({ mock: mockThat(emitTo(emitted)) });
    const headers = {
      host: `localhost:${issuer.port}`,
      origin: originOf(issuer.port),
      authorization,
      "content-type": "application/json",
    };
    for (const [method, path] of [
      ["GET", "/health"],
      ["GET", "/deliveries"],
      ["POST", "/emit"],
    ] as const) {
      const answered = await ask(issuer.port, api + path, { method, headers });
      expect([path, answered.status, errorCode(answered)]).toEqual([path, 403, "ERR_FOREIGN_ORIGIN"]);
      expect(answered.headers).not.toHaveProperty("access-control-allow-origin");
    }
    expect(emitted).toEqual([]);
  });

  test("of the issuer itself may", async () => {
    await using issuer = await startTestIssuer();
    const host = `localhost:${issuer.port}`;
    const headers = { host, origin: `http://${host}`, authorization };
    expect((await ask(issuer.port, `${api}/deliveries`, { headers })).status).toBe(200);
  });
});

test.each([
  ["GET", ""],
  ["GET", "/nothing"],
  ["GET", "/emit"],
  ["DELETE", "/webhooks"],
  ["POST", "/clock"],
])("what is no route of it is told in the shape of its errors: %s %s", async (method, path) => {
  // One that emits nothing for others has no clock either.
  await using issuer = await startTestIssuer();
  const answered = await ask(issuer.port, api + path, { method, headers: { authorization } });
  expect([answered.status, errorCode(answered)]).toEqual([404, "ERR_UNKNOWN_ROUTE"]);
  expect(answered.body).toContain(`no ${method} ${path}`);
});

describe("deliveries", () => {
  test("are the project's, the newest first, a hundred unless more are asked for", async () => {
    const history = createMemoryHistory();
    const ids = Array.from({ length: 120 }, (_, index) => `dlv_${index}`);
    for (const id of ids) await history.append(sampleDelivery({ id }));
    await using issuer = await startTestIssuer({ history });
    const newestFirst = ids.toReversed();
    for (const [query, count] of [
      ["", 100],
      ["?limit=2", 2],
      ["?limit=1000", 120],
    ] as const) {
      const { json } = await ask(issuer.port, `${api}/deliveries${query}`, { headers: { authorization } });
      expect(deliveryIds(json)).toEqual(newestFirst.slice(0, count));
    }
  });

  test.each(["0", "-1", "1001", "1.5", "all", "", "1&limit=2"])(
    "can't be limited to %j: 400",
    async (limit) => {
      await using issuer = await startTestIssuer();
      const answered = await ask(issuer.port, `${api}/deliveries?limit=${limit}`, {
        headers: { authorization },
      });
      expect([answered.status, errorCode(answered)]).toEqual([400, "ERR_INVALID_OPTION"]);
    },
  );
});

describe("emit", () => {
  const whole: EmitRequest = {
    type: "user.created",
    source: "admin",
    data: { user: { email: "ada@example.com" } },
    set: { "user.first_name": "Ada" },
    unset: ["user.phone"],
    webhookId: "0123456789abcdef",
    timeoutMs: 500,
    expectedStatus: 204,
    fault: "bad-signature",
  };

  test("does what the body says, and answers with the deliveries", async () => {
    const emitted: EmitRequest[] = [];
    await using issuer = await startTestIssuer({ mock: mockThat(emitTo(emitted)) });
    const { status, json } = await post(issuer.port, JSON.stringify(whole));
    expect(status).toBe(200);
    expect(emitted).toEqual([whole]);
    expect(deliveryIds(json)).toEqual([sampleDelivery().id]);
  });

  test("needs a type alone, and passes on nothing it does not know", async () => {
    const emitted: EmitRequest[] = [];
    await using issuer = await startTestIssuer({ mock: mockThat(emitTo(emitted)) });
    await post(issuer.port, `{"type":"user.created","endpoint":"http://evil.example","onWarning":"x"}`);
    expect(emitted).toEqual([{ type: "user.created" }]);
  });

  test.each([
    ["a URL", "http://localhost:3000/x", ["http://localhost:3000/x"]],
    [
      "several",
      ["http://localhost:3000", "https://a.example/x#y"],
      ["http://localhost:3000/", "https://a.example/x#y"],
    ],
  ])("is for the endpoints that the body names in place of the webhooks: %s", async (_, to, expected) => {
    const emitted: EmitRequest[] = [];
    await using issuer = await startTestIssuer({ mock: mockThat(emitTo(emitted)) });
    await post(issuer.port, JSON.stringify({ type: "user.created", to }));
    expect(emitted).toEqual([{ type: "user.created", to: expected }]);
  });

  test.each([
    ["to that is no URL", { to: "3000" }, "ERR_INVALID_OPTION"],
    ["to with another scheme", { to: "file:///etc/passwd" }, "ERR_INVALID_OPTION"],
    ["to with a password", { to: "http://user:secret@localhost:3000" }, "ERR_INVALID_OPTION"],
    ["to that is no text", { to: 3000 }, "ERR_INVALID_OPTION"],
    ["to that is empty", { to: [] }, "ERR_INVALID_OPTION"],
    ["to with what is no text", { to: ["http://localhost:3000", null] }, "ERR_INVALID_OPTION"],
    ["an unknown event type", { type: "user.create" }, "ERR_UNKNOWN_EVENT_TYPE"],
    ["a type that every object has", { type: "constructor" }, "ERR_UNKNOWN_EVENT_TYPE"],
    ["a type in the wrong case", { type: "User.Created" }, "ERR_UNKNOWN_EVENT_TYPE"],
    ["no type", {}, "ERR_INVALID_OPTION"],
    ["a type that is no text", { type: 7 }, "ERR_INVALID_OPTION"],
    ["a list", [], "ERR_INVALID_OPTION"],
    ["a source that is no text", { source: 1 }, "ERR_INVALID_OPTION"],
    ["a source that Kinde lacks", { source: "nobody" }, "ERR_INVALID_OPTION"],
    ["data that is no object", { data: [] }, "ERR_INVALID_OPTION"],
    ["data that is null", { data: null }, "ERR_INVALID_OPTION"],
    ["set that is no object", { set: "a=b" }, "ERR_INVALID_OPTION"],
    ["unset that is no list", { unset: "user" }, "ERR_INVALID_OPTION"],
    ["unset with what is no text", { unset: [1] }, "ERR_INVALID_OPTION"],
    ["a webhookId that is no text", { webhookId: 1 }, "ERR_INVALID_OPTION"],
    ["an empty webhookId", { webhookId: "" }, "ERR_INVALID_OPTION"],
    ["a webhookId that ends the header", { webhookId: "a\r\nx: y" }, "ERR_INVALID_OPTION"],
    ["a webhookId with a space", { webhookId: "a b" }, "ERR_INVALID_OPTION"],
    ["a webhookId that is too long", { webhookId: "x".repeat(257) }, "ERR_INVALID_OPTION"],
    ["a timeout that is no number", { timeoutMs: "5" }, "ERR_INVALID_OPTION"],
    ["a timeout of 0", { timeoutMs: 0 }, "ERR_INVALID_OPTION"],
    ["a timeout of more than an hour", { timeoutMs: 3_600_001 }, "ERR_INVALID_OPTION"],
    ["an unknown fault", { fault: "bad-signatur" }, "ERR_UNKNOWN_FAULT"],
    ["a fault that every object has", { fault: "constructor" }, "ERR_UNKNOWN_FAULT"],
    ["a fault that is no text", { fault: ["duplicate"] }, "ERR_INVALID_OPTION"],
    ["a fault that is null", { fault: null }, "ERR_INVALID_OPTION"],
    ["a status that is none", { expectedStatus: 99 }, "ERR_INVALID_OPTION"],
    ["a status that is not whole", { expectedStatus: 200.5 }, "ERR_INVALID_OPTION"],
  ])("refuses %s: 400", async (_, members, code) => {
    const emitted: EmitRequest[] = [];
    await using issuer = await startTestIssuer({ mock: mockThat(emitTo(emitted)) });
    const [name = ""] = Object.keys(members);
    const body = Array.isArray(members) || name === "" ? members : { type: "user.created", ...members };
    const answered = await post(issuer.port, JSON.stringify(body));
    expect([answered.status, errorCode(answered)]).toEqual([400, code]);
    // The message names the member at fault.
    expect(answered.body).toContain(name);
    expect(emitted).toEqual([]);
  });

  test.each([
    ["malformed JSON", `{"type":`, "application/json", 400, "ERR_INVALID_BODY"],
    ["JSON that is no object", `"user.created"`, "application/json", 400, "ERR_INVALID_BODY"],
    ["nothing", "", "application/json", 400, "ERR_INVALID_OPTION"],
    ["another content type", `{"type":"user.created"}`, "text/plain", 400, "ERR_INVALID_OPTION"],
    ["more than 1 MiB", `{"type":"${"x".repeat(1 << 20)}"}`, "application/json", 413, "ERR_INVALID_BODY"],
  ])("refuses a body of %s", async (_, body, contentType, status, code) => {
    const emitted: EmitRequest[] = [];
    await using issuer = await startTestIssuer({ mock: mockThat(emitTo(emitted)) });
    const answered = await post(issuer.port, body, contentType);
    expect([answered.status, errorCode(answered)]).toEqual([status, code]);
    expect(emitted).toEqual([]);
  });

  test("is ERR_NO_WEBHOOK where nothing is emitted on behalf of others", async () => {
    await using issuer = await startTestIssuer();
    const answered = await post(issuer.port, `{"type":"user.created"}`);
    expect([answered.status, errorCode(answered)]).toEqual([400, "ERR_NO_WEBHOOK"]);
  });

  test.each([
    ["of the user's with its own code: 400", new InvalidPathError("a", "b", "c"), 400, "ERR_INVALID_PATH"],
    ["of ours: 500", new Error("broken"), 500, "ERR_INTERNAL"],
  ])("passes on an error %s", async (_, error, status, code) => {
    await using issuer = await startTestIssuer({ mock: mockThat(() => Promise.reject(error)) });
    const answered = await post(issuer.port, `{"type":"user.created"}`);
    expect([answered.status, errorCode(answered)]).toEqual([status, code]);
    expect(answered.body).not.toContain("node:");
  });

  async function post(port: number, body: string, contentType = "application/json"): Promise<Answered> {
    const headers = { authorization, "content-type": contentType };
    return await ask(port, `${api}/emit`, { method: "POST", headers, body });
  }
});

describe("webhooks", () => {
  const listWebhooks = async (port: number): Promise<unknown> =>
    (await ask(port, `${api}/webhooks`, { headers: { authorization } })).json;

  test("are the mock's as they are now", async () => {
    const control = { token: controlToken, history: createMemoryHistory() };
    const given = { url: new URL("http://localhost:3000/x"), eventTypes: ["user.created"] } as const;
    await using mock = await startManagementMock({ control, webhooks: [given] });
    const { port } = mock.mock;
    const first = {
      id: mock.mock.webhooks[0]?.id,
      endpoint: given.url.href,
      eventTypes: given.eventTypes,
      isDisabled: false,
    };
    expect(await listWebhooks(port)).toEqual({ webhooks: [first] });
    const id = await register(mock);
    const { endpoint, event_types: eventTypes } = order;
    expect(await listWebhooks(port)).toEqual({
      webhooks: [first, { id, endpoint, eventTypes, isDisabled: false }],
    });
  });

  test("are none where there is no mock", async () => {
    await using issuer = await startTestIssuer();
    expect(await listWebhooks(issuer.port)).toEqual({ webhooks: [] });
  });
});

function emitTo(emitted: EmitRequest[]): MockControl["emit"] {
  return (request) => {
    emitted.push(request);
    const deliveries = [sampleDelivery()];
    return Promise.resolve({ deliveries, ended: () => Promise.resolve(deliveries) });
  };
}

/** What is asked for events, and for nothing else. */
function mockThat(emit: MockControl["emit"]): MockControl {
  return {
    emit,
    advance: () => Promise.resolve(),
    reset: () => Promise.resolve(),
    setDisabled: () => undefined,
    pending: () => [],
    rateLimit: createRateLimit(),
    untilEnded: () => undefined,
    webhooks: () => [],
    now: () => 0,
  };
}

function deliveryIds(json: unknown): string[] {
  return (json as { deliveries: { id: string }[] }).deliveries.map(({ id }) => id);
}

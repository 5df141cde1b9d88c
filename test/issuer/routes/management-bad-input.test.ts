/** What the Management API says no to, and that nothing has changed then. */
import { describe, expect, test } from "vitest";
import { errorCode } from "../ask.ts";
import { listWebhooks, order, register, startManagementMock } from "./management-mock.ts";

const badEndpoints = [
  ["missing", undefined],
  ["null", null],
  ["a number", 3000],
  ["a list", [order.endpoint]],
  ["empty", ""],
  ["a path", "/api/webhook"],
  ["a host alone", "localhost:3000"],
  ["of another scheme", "ftp://localhost/api/webhook"],
  ["a script", "javascript:alert(1)"],
  ["without a host", "http://"],
  ["of a port that is none", "http://localhost:65536/"],
  ["of port 0", "http://localhost:0/"],
  ["with a password", "http://ada:secret@localhost/api/webhook"],
  ["with spaces around it", " http://localhost/api/webhook "],
  ["with a control character", "http://localhost/\u001b[31m"],
  ["without its slashes", "http:localhost"],
  ["with a fragment", "http://localhost/api/webhook#here"],
] as const;

const badEventTypes = [
  ["null", null],
  ["a text", "user.created"],
  ["an object", { 0: "user.created" }],
  ["empty", []],
  ["of numbers", [1]],
  ["with null among them", ["user.created", null]],
  ["an inherited name", ["constructor"]],
  ["a pattern", ["user.*"]],
] as const;

const badNames = [
  ["null", null],
  ["a number", 1],
  ["empty", ""],
  ["a space", " "],
  ["a list", ["my app"]],
] as const;

const badDescriptions = [
  ["a number", 1],
  ["a list", []],
  ["an object", {}],
  ["false", false],
] as const;

const both = [
  ...badEventTypes.map(([what, value]) => ["event_types", what, value] as const),
  ...badNames.map(([what, value]) => ["name", what, value] as const),
  ...badDescriptions.map(([what, value]) => ["description", what, value] as const),
];
const ofAnOrder = [
  ...badEndpoints.map(([what, value]) => ["endpoint", what, value] as const),
  ["event_types", "missing", undefined] as const,
  ["name", "missing", undefined] as const,
  ...both,
];

test.each(ofAnOrder)("a webhook whose %s is %s is not registered", async (field, _what, value) => {
  await using managed = await startManagementMock();
  const answered = await managed.call("POST", "/webhooks", { body: { ...order, [field]: value } });
  expect([answered.status, errorCode(answered)]).toEqual([400, `${field.toUpperCase()}_INVALID`]);
  expect(await listWebhooks(managed)).toEqual([]);
});

test.each(both)("a change whose %s is %s changes nothing", async (field, _what, value) => {
  await using managed = await startManagementMock();
  const id = await register(managed);
  const before = await listWebhooks(managed);
  const body = { name: "new", description: "new", [field]: value };
  const answered = await managed.call("PATCH", `/webhooks/${id}`, { body });
  expect([answered.status, errorCode(answered)]).toEqual([400, `${field.toUpperCase()}_INVALID`]);
  expect(await listWebhooks(managed)).toEqual(before);
});

test.each([
  ["user.crated", "user.created"],
  ["rolecreated", "role.created"],
])("an event type %s is unknown, and the nearest is named", async (wrong, nearest) => {
  await using managed = await startManagementMock();
  const id = await register(managed);
  const event_types = ["user.updated", wrong];
  for (const [method, path, body] of [
    ["POST", "/webhooks", { ...order, event_types }],
    ["PATCH", `/webhooks/${id}`, { event_types }],
  ] as const) {
    const answered = await managed.call(method, path, { body });
    expect([answered.status, errorCode(answered)]).toEqual([400, "EVENT_TYPES_INVALID"]);
    expect(messageOf(answered.json)).toContain(`"${wrong}"`);
    expect(messageOf(answered.json)).toContain(`Did you mean "${nearest}"?`);
  }
  expect(await listWebhooks(managed)).toHaveLength(1);
});

test.each([
  ["another", "http://localhost:3000/elsewhere"],
  ["the same", order.endpoint],
  ["null", null],
])("a webhook cannot be moved: PATCH with an endpoint, %s, is refused", async (_, endpoint) => {
  await using managed = await startManagementMock();
  const id = await register(managed);
  const before = await listWebhooks(managed);
  const answered = await managed.call("PATCH", `/webhooks/${id}`, { body: { endpoint, name: "new" } });
  expect([answered.status, errorCode(answered)]).toEqual([400, "ENDPOINT_INVALID"]);
  expect(await listWebhooks(managed)).toEqual(before);
});

describe.each(["POST", "PATCH"])("%s is refused", (method) => {
  test.each([
    ["with JSON that ends too soon", '{"name":', {}, 400],
    ["with what is no JSON", "name=x", {}, 400],
    ["with a list", "[]", {}, 400],
    ["with a text", '"name"', {}, 400],
    ["with null", "null", {}, 400],
    ["with nothing", undefined, {}, 400],
    ["with nothing that is called JSON", "", { "content-length": "0" }, 400],
    ["with JSON that is not called so", JSON.stringify(order), { "content-type": "text/plain" }, 400],
    ["with a form", "name=x", { "content-type": "application/x-www-form-urlencoded" }, 400],
    ["with more than 1 MiB", JSON.stringify({ ...order, name: "x".repeat(1 << 20) }), {}, 413],
  ])("%s", async (_, body, headers, status) => {
    await using managed = await startManagementMock();
    const id = await register(managed);
    const before = await listWebhooks(managed);
    const path = method === "POST" ? "/webhooks" : `/webhooks/${id}`;
    const answered = await managed.call(method, path, { body, headers });
    expect(answered.status).toBe(status);
    expect(errorCode(answered)).toBe("BODY_INVALID");
    expect(await listWebhooks(managed)).toEqual(before);
  });
});

test("a password of an endpoint stands in no answer", async () => {
  for (const isStrict of [false, true]) {
    await using managed = await startManagementMock({ isStrict });
    const endpoint = "http://ada:secret@localhost/api/webhook";
    const answered = await managed.call("POST", "/webhooks", { body: { ...order, endpoint } });
    expect(answered.status).toBe(400);
    expect(answered.body).not.toContain("secret");
  }
});

test("an event type of a megabyte is refused at once, and not repeated", async () => {
  await using managed = await startManagementMock();
  const event_types = [`user.create${"x".repeat(900_000)}`];
  const answered = await managed.call("POST", "/webhooks", { body: { ...order, event_types } });
  expect([answered.status, errorCode(answered)]).toEqual([400, "EVENT_TYPES_INVALID"]);
  expect(answered.body.length).toBeLessThan(1_000);
});

test("an id that is no text of a URL is a mistake, and not ours", async () => {
  await using managed = await startManagementMock();
  const answered = await managed.call("GET", "/events/%zz");
  expect(answered.status).toBe(400);
  expect(errorCode(answered)).toBe("REQUEST_INVALID");
});

function messageOf(json: unknown): string | undefined {
  return (json as { errors: { message: string }[] }).errors[0]?.message;
}

/** The Management API of a running mock: what each call answers. Who may call is in management-access.test.ts. */
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/delivery/clock.ts";
import { eventTypes } from "../../../src/kinde/event-types.ts";
import { errorCode } from "../ask.ts";
import { listWebhooks, order, register, startManagementMock } from "./management-mock.ts";

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const clock = { ...systemClock, now: () => now };

describe("a webhook", () => {
  test("is registered with 200, its id and its endpoint", async () => {
    await using managed = await startManagementMock();
    expect(await managed.call("POST", "/webhooks", { body: order })).toMatchObject({
      status: 200,
      headers: { "content-type": "application/json; charset=utf-8" },
      json: {
        code: "WEBHOOK_CREATED",
        message: "Webhook created",
        webhook: { id: expect.stringMatching(/^webhook_[\da-f]{32}$/), endpoint: order.endpoint },
      },
    });
  });

  test("is listed with all that is known of it, behind those from the start", async () => {
    const url = new URL("http://localhost:3000/first");
    await using managed = await startManagementMock({
      clock,
      webhooks: [{ url, eventTypes: ["user.deleted"] }],
    });
    const id = await register(managed, { description: "A description" });
    const { status, json } = await managed.call("GET", "/webhooks");
    expect(status).toBe(200);
    const created_on = "2026-01-02T03:04:05.678Z";
    expect(json).toEqual({
      code: "OK",
      message: "Success",
      webhooks: [
        {
          id: managed.mock.webhooks[0]?.id,
          name: expect.any(String),
          endpoint: url.href,
          description: null,
          event_types: ["user.deleted"],
          created_on,
        },
        { id, ...order, description: "A description", created_on },
      ],
    });
  });

  test.each(["/webhooks", "/webhook"])(
    "is changed in what is given, and in nothing else, at %s",
    async (path) => {
      await using managed = await startManagementMock();
      const id = await register(managed, { description: "old" });
      const other = await register(managed, { name: "other" });
      const [before, untouched] = await listWebhooks(managed);
      const changes = [
        { name: "new" },
        { event_types: ["user.updated"] },
        { description: null },
        {},
        { description: "new", name: "newer" },
      ];
      let expected = before;
      for (const body of changes) {
        const { status, json } = await managed.call("PATCH", `${path}/${id}`, { body });
        expect([status, json]).toEqual([
          200,
          { code: "WEBHOOK_UPDATED", message: "Webhook updated", webhook: { id } },
        ]);
        expected = { ...expected, ...body };
        expect(await listWebhooks(managed)).toEqual([expected, untouched]);
      }
      expect(untouched).toMatchObject({ id: other, name: "other" });
    },
  );

  test.each(["/webhooks", "/webhook"])(
    "is gone once it is deleted, at %s, and cannot be deleted twice",
    async (path) => {
      await using managed = await startManagementMock();
      const id = await register(managed);
      const left = await register(managed);
      const { status, json } = await managed.call("DELETE", `${path}/${id}`);
      expect([status, json]).toEqual([200, { code: "WEBHOOK_DELETED", message: "Webhook deleted" }]);
      expect((await listWebhooks(managed)).map((webhook) => webhook["id"])).toEqual([left]);
      const again = await managed.call("DELETE", `${path}/${id}`);
      expect([again.status, errorCode(again)]).toEqual([404, "WEBHOOK_NOT_FOUND"]);
    },
  );

  test.each(["http://localhost:3000", "http://LOCALHOST:80/a/../b?x=%7e"])(
    "keeps its endpoint as it was given, for whoever looks for his own: %s",
    async (endpoint) => {
      await using managed = await startManagementMock();
      await register(managed, { endpoint });
      expect(await listWebhooks(managed)).toMatchObject([{ endpoint }]);
    },
  );

  test("keeps each event type once", async () => {
    await using managed = await startManagementMock();
    await register(managed, { event_types: ["user.created", "role.created", "user.created"] });
    expect(await listWebhooks(managed)).toMatchObject([{ event_types: ["user.created", "role.created"] }]);
  });
});

test("every event type is listed with an id, a name and a schema", async () => {
  await using managed = await startManagementMock();
  const { status, json } = await managed.call("GET", "/event_types");
  const { event_types: listed, ...rest } = json as { event_types: Record<string, unknown>[] };
  expect([status, rest]).toEqual([200, { code: "OK", message: "Success" }]);
  expect(listed.map(({ code }) => code)).toEqual(eventTypes);
  for (const each of listed) {
    expect(each).toEqual({
      id: expect.stringMatching(/^et_[\da-f]{32}$/),
      code: each["code"],
      name: expect.stringMatching(/^[A-Z][a-z ]+$/),
      origin: "kinde",
      schema: expect.objectContaining({ $schema: "https://json-schema.org/draft/2020-12/schema" }),
    });
  }
});

describe("--max-webhooks", () => {
  test("refuses one more, until one is deleted", async () => {
    await using managed = await startManagementMock({ maxWebhooks: 1 });
    const id = await register(managed);
    const refused = await managed.call("POST", "/webhooks", { body: order });
    expect([refused.status, errorCode(refused)]).toEqual([400, "WEBHOOK_LIMIT_REACHED"]);
    expect(await listWebhooks(managed)).toMatchObject([{ id }]);
    await managed.call("DELETE", `/webhooks/${id}`);
    expect((await managed.call("POST", "/webhooks", { body: order })).status).toBe(200);
  });

  test("counts those from the start", async () => {
    const webhooks = [{ url: new URL(order.endpoint), eventTypes }];
    await using managed = await startManagementMock({ maxWebhooks: 1, webhooks });
    const refused = await managed.call("POST", "/webhooks", { body: order });
    expect([refused.status, errorCode(refused)]).toEqual([400, "WEBHOOK_LIMIT_REACHED"]);
  });
});

test("--strict takes https endpoints and no other", async () => {
  await using managed = await startManagementMock({ isStrict: true });
  const refused = await managed.call("POST", "/webhooks", { body: order });
  expect([refused.status, errorCode(refused)]).toEqual([400, "ENDPOINT_INVALID"]);
  expect(refused.body).toContain("--strict");
  await register(managed, { endpoint: "https://app.example.com/api/webhook" });
  expect(await listWebhooks(managed)).toHaveLength(1);
});

describe("what is not there", () => {
  test.each([
    ["PATCH", "/webhooks/webhook_0", { name: "x" }, "WEBHOOK_NOT_FOUND"],
    ["PATCH", "/webhook/webhook_0", { name: "x" }, "WEBHOOK_NOT_FOUND"],
    ["DELETE", "/webhooks/webhook_0", undefined, "WEBHOOK_NOT_FOUND"],
    ["DELETE", "/webhook/webhook_0", undefined, "WEBHOOK_NOT_FOUND"],
    ["GET", "/events/event_0", undefined, "EVENT_NOT_FOUND"],
  ])("%s %s answers 404 and names the id", async (method, path, body, code) => {
    await using managed = await startManagementMock();
    const answered = await managed.call(method, path, { body });
    expect([answered.status, errorCode(answered)]).toEqual([404, code]);
    expect(answered.body).toContain(path.replace(/.*\//, ""));
  });

  test.each([
    ["GET", "/webhooks/:id"],
    ["GET", "/webhook/:id"],
    ["PUT", "/webhooks/:id"],
    ["POST", "/webhooks/:id"],
    ["PATCH", "/webhooks"],
    ["DELETE", "/webhooks"],
    ["GET", "/webhook"],
    ["GET", "/events"],
    ["POST", "/events/event_0"],
    ["GET", "/event_types/et_0"],
    ["GET", "/users"],
    ["GET", ""],
  ])("Kinde has no %s %s: ROUTE_NOT_FOUND, as one object", async (method, path) => {
    await using managed = await startManagementMock();
    const id = await register(managed);
    const { status, json } = await managed.call(method, path.replace(":id", id));
    expect([status, json]).toEqual([
      404,
      { errors: { code: "ROUTE_NOT_FOUND", message: expect.any(String) } },
    ]);
    expect(await listWebhooks(managed)).toHaveLength(1);
  });
});

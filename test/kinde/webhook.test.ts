import { expect, test } from "vitest";
import { createWebhookRequest, subscribes } from "../../src/kinde/webhook.ts";

test("a webhook request is the bare token with two headers of its own", () => {
  expect(createWebhookRequest("aaa.bbb.ccc", "0123456789abcdef0123456789abcdef")).toEqual({
    method: "POST",
    headers: { "content-type": "application/jwt", "webhook-id": "0123456789abcdef0123456789abcdef" },
    body: Buffer.from("aaa.bbb.ccc"),
  });
});

test("a webhook wants the event types it is registered for, and no others", () => {
  const webhook = {
    id: "webhook_0",
    endpoint: "http://localhost/api/webhook",
    eventTypes: ["user.created", "role.deleted"],
  } as const;
  expect(["user.created", "role.deleted"].every((type) => subscribes(webhook, type))).toBe(true);
  expect(["user.updated", "user", "user.*", ""].some((type) => subscribes(webhook, type))).toBe(false);
});

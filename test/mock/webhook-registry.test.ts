import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { RegisteredWebhook } from "../../src/kinde/webhook.ts";
import {
  createWebhookRegistry,
  type WebhookOrder,
  type WebhookRegistry,
} from "../../src/mock/webhook-registry.ts";

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const order: WebhookOrder = {
  endpoint: "http://localhost:3000/api/webhook",
  eventTypes: ["user.created"],
  name: "my app",
  description: null,
};

interface Opened {
  readonly registry: WebhookRegistry;
  readonly changes: (readonly RegisteredWebhook[])[];
}

function open(...webhooks: readonly WebhookOrder[]): Opened {
  const changes: (readonly RegisteredWebhook[])[] = [];
  const onChange = (changed: readonly RegisteredWebhook[]): void => void changes.push(changed);
  const registry = createWebhookRegistry({ webhooks, now: () => now, randomBytes, onChange });
  return { registry, changes };
}

describe("a registry", () => {
  test("has those from the start, each with an id and a time, and tells of no change", () => {
    const { registry, changes } = open(order, { ...order, name: "second" });
    expect(registry.list()).toEqual(
      ["my app", "second"].map((name) => ({
        ...order,
        name,
        id: expect.stringMatching(/^webhook_[\da-f]{32}$/),
        createdOn: "2026-01-02T03:04:05.678Z",
        isDisabled: false,
      })),
    );
    expect(registry.list()[0]?.id).not.toBe(registry.list()[1]?.id);
    expect(changes).toEqual([]);
  });

  test("tells of each change, with all webhooks as they are then", () => {
    const { registry, changes } = open(order);
    const [first] = registry.list();
    const made = registry.create({ ...order, name: "made" });
    const changed = registry.update(made.id, { name: "changed", description: "why" });
    expect(changed).toEqual({ ...made, name: "changed", description: "why" });
    expect(registry.remove(first!.id)).toBe(true);
    expect(changes).toEqual([[first, made], [first, changed], [changed]]);
    expect(registry.list()).toBe(changes.at(-1));
  });

  test("knows an id that is not there for neither change nor removal, and tells nothing", () => {
    const { registry, changes } = open(order);
    expect(registry.update("webhook_0", { name: "x" })).toBeUndefined();
    expect(registry.remove("webhook_0")).toBe(false);
    expect(changes).toEqual([]);
    expect(registry.list()).toHaveLength(1);
  });

  test("keeps the place of a webhook that is changed, and its id and time", () => {
    const { registry } = open(order, order, order);
    const ids = registry.list().map(({ id }) => id);
    registry.update(ids[1]!, { eventTypes: ["role.created"] });
    expect(registry.list().map(({ id }) => id)).toEqual(ids);
    expect(registry.list()[1]).toMatchObject({ eventTypes: ["role.created"], name: "my app" });
  });

  test("goes back to the start, and tells of that once", () => {
    const { registry, changes } = open(order);
    const initial = registry.list();
    registry.create(order);
    registry.remove(initial[0]!.id);
    registry.restore();
    expect(registry.list()).toEqual(initial);
    const told = changes.length;
    registry.restore();
    expect(changes).toHaveLength(told);
  });
});

describe("whoever was shown the webhooks", () => {
  test("keeps what he saw when they change", () => {
    const { registry } = open(order);
    const seen = registry.list();
    const [first] = seen;
    registry.update(first!.id, { name: "changed" });
    registry.create(order);
    expect(seen).toEqual([{ ...first, name: "my app" }]);
  });

  test.each([
    ["the list", (list: readonly RegisteredWebhook[]) => void (list as RegisteredWebhook[]).push(list[0]!)],
    ["a webhook", ([webhook]) => void ((webhook as { endpoint: string }).endpoint = "http://localhost:1/")],
    ["event types", ([webhook]) => void (webhook!.eventTypes as string[]).push("role.created")],
  ] satisfies [string, (list: readonly RegisteredWebhook[]) => void][])("cannot change %s", (_, change) => {
    const { registry } = open(order);
    expect(() => change(registry.list())).toThrow(TypeError);
    registry.create(order);
    expect(() => change(registry.list())).toThrow(TypeError);
    registry.restore();
    expect(() => change(registry.list())).toThrow(TypeError);
    expect(registry.list()).toMatchObject([order]);
  });
});

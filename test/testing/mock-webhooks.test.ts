/** Webhooks that a test registers and removes while the mock runs. */
import { describe, expect, test } from "vitest";
import { startMockKinde } from "../../src/index.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { thrownBy } from "./thrown-by.ts";

const endpoint = "http://localhost:3000/api/webhook";

describe("registerWebhook", () => {
  test("makes one that gets what it wants from then on, retries as well", async () => {
    await using receiver = await startReceiver({ answers: [500, 200] });
    await using kinde = await startMockKinde({ signingKey });
    const webhook = kinde.registerWebhook({ endpoint: receiver.url, eventTypes: ["user.*"] });
    expect(kinde.webhooks).toEqual([webhook]);
    expect(webhook).toMatchObject({ id: expect.stringMatching(/^webhook_/), endpoint: receiver.url });
    expect(webhook.eventTypes).toContain("user.created");
    await expect(kinde.emit("role.created")).rejects.toMatchObject({ code: "ERR_NO_WEBHOOK" });
    expect(await kinde.emit("user.created")).toMatchObject({ state: "pending" });
    await kinde.clock.advance("5s");
    expect(kinde.deliveries).toMatchObject([{ state: "delivered", attempts: [{}, { status: 200 }] }]);
  });

  test("is undone by reset; those from the start stay", async () => {
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint }] });
    const before = kinde.webhooks;
    kinde.registerWebhook({ endpoint });
    await kinde.reset();
    expect(kinde.webhooks).toEqual(before);
  });

  test.each([
    ["a bare endpoint", endpoint, "ERR_INVALID_OPTION"],
    ["nothing", undefined, "ERR_INVALID_OPTION"],
    ["an endpoint that is no URL", { endpoint: "3000" }, "ERR_INVALID_OPTION"],
    ["no event type at all", { endpoint, eventTypes: [] }, "ERR_INVALID_OPTION"],
    ["an unknown event type", { endpoint, eventTypes: ["user.craeted"] }, "ERR_UNKNOWN_EVENT_TYPE"],
    ["an option that is none", { endpoint, name: "x" }, "ERR_INVALID_OPTION"],
  ])("refuses %s, and registers nothing", async (_, webhook, code) => {
    await using kinde = await startMockKinde({ signingKey });
    expect(thrownBy(() => kinde.registerWebhook(webhook as never))).toMatchObject({ code });
    expect(kinde.webhooks).toEqual([]);
  });

  test("keeps to maxWebhooks: ERR_INVALID_OPTION", async () => {
    await using kinde = await startMockKinde({ signingKey, maxWebhooks: 1 });
    const { id } = kinde.registerWebhook({ endpoint });
    expect(thrownBy(() => kinde.registerWebhook({ endpoint }))).toMatchObject({
      code: "ERR_INVALID_OPTION",
      option: "registerWebhook",
    });
    kinde.removeWebhook(id);
    expect(kinde.registerWebhook({ endpoint }).id).not.toBe(id);
  });
});

describe("removeWebhook", () => {
  test("calls off what is pending for it, and nothing else", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using kinde = await startMockKinde({ signingKey });
    const gone = kinde.registerWebhook({ endpoint: `${receiver.url}/gone` });
    kinde.registerWebhook({ endpoint: receiver.url });
    await kinde.emit("user.created");
    kinde.removeWebhook(gone.id);
    expect(kinde.deliveries).toMatchObject([
      { endpoint: gone.endpoint, state: "failed", failedReason: "cancelled" },
      { endpoint: receiver.url, state: "pending" },
    ]);
  });

  test("names the ids there are when it is none of them", async () => {
    await using kinde = await startMockKinde({ signingKey });
    const { id } = kinde.registerWebhook({ endpoint });
    const refusal = { code: "ERR_INVALID_OPTION", option: "id of removeWebhook", expected: id };
    expect(thrownBy(() => kinde.removeWebhook("webhook_0"))).toMatchObject(refusal);
  });
});

test("a mock that is closed registers and removes nothing: ERR_MOCK_CLOSED", async () => {
  const kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint }] });
  await kinde.close();
  const refused = { code: "ERR_MOCK_CLOSED" };
  expect(thrownBy(() => kinde.registerWebhook({ endpoint }))).toMatchObject(refused);
  expect(thrownBy(() => kinde.removeWebhook(kinde.webhooks[0]!.id))).toMatchObject(refused);
});

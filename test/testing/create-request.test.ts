import { decodeWebhook } from "@kinde/webhooks";
import { describe, expect, test } from "vitest";
import { startMockKinde } from "../../src/index.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";

describe("createRequest", () => {
  test("makes the request that emit would send, and sends nothing", async () => {
    await using receiver = await startReceiver();
    const options = {
      signingKey,
      webhooks: [{ endpoint: receiver.url }],
      now: Date.UTC(2026, 0, 2),
      randomSeed: "same",
    };
    const overrides = { data: { user: { email: "ada@example.com" } }, source: "admin" } as const;
    await using kinde = await startMockKinde(options);
    const request = await kinde.createRequest("user.created", overrides);
    expect(receiver.requests).toEqual([]);
    expect(kinde.deliveries).toEqual([]);
    await kinde.reset();
    await kinde.emit("user.created", overrides);
    const sent = await receiver.next();
    expect(request.method).toBe(sent.method);
    expect(await request.text()).toBe(sent.body.toString());
    const { connection: _c, host, "content-length": _l, ...sentHeaders } = sent.headers;
    expect(Object.fromEntries(request.headers)).toEqual(sentHeaders);
    expect(new URL(request.url).host).toBe(host);
  });

  test("calls a route handler as Kinde would", async () => {
    await using kinde = await startMockKinde({ signingKey });
    const emails: unknown[] = [];
    async function POST(request: Request): Promise<Response> {
      const event = await decodeWebhook(await request.text(), kinde.issuer);
      if (event?.type !== "user.created") return Response.json({}, { status: 400 });
      emails.push(event.data.user.email);
      return Response.json({ received: true });
    }
    const response = await POST(
      await kinde.createRequest("user.created", { data: { user: { email: "ada@example.com" } } }),
    );
    expect(response.status).toBe(200);
    expect(emails).toEqual(["ada@example.com"]);
    expect((await POST(await kinde.createRequest("user.deleted"))).status).toBe(400);
  });

  test("is addressed to the first webhook that wants the event", async () => {
    await using kinde = await startMockKinde({
      signingKey,
      webhooks: [
        { endpoint: "http://localhost:3001/roles", eventTypes: ["role.*"] },
        { endpoint: "http://localhost:3002/users", eventTypes: ["user.*"] },
        { endpoint: "http://localhost:3003/all" },
      ],
    });
    expect((await kinde.createRequest("user.created")).url).toBe("http://localhost:3002/users");
    expect((await kinde.createRequest("permission.created")).url).toBe("http://localhost:3003/all");
  });

  test("needs no webhook: it is addressed to the path of Kinde's docs, or to the URL that is given", async () => {
    await using kinde = await startMockKinde({ signingKey });
    const url = "https://app.example/hooks?tenant=1";
    expect((await kinde.createRequest("user.created")).url).toBe("http://localhost:3000/api/webhook");
    expect((await kinde.createRequest("user.created", { url })).url).toBe(url);
    expect((await kinde.createRequest("user.created", { url: new URL(url) })).url).toBe(url);
  });

  test("carries the webhook-id that is given, and a fresh one otherwise", async () => {
    await using kinde = await startMockKinde({ signingKey });
    const idOf = async (webhookId?: string): Promise<string | null> => {
      const options = webhookId === undefined ? {} : { webhookId };
      return (await kinde.createRequest("user.created", options)).headers.get("webhook-id");
    };
    expect([await idOf("drill"), await idOf("drill")]).toEqual(["drill", "drill"]);
    const [first, second] = [await idOf(), await idOf()];
    expect(first).toMatch(/^[\da-f]{32}$/);
    expect(second).not.toBe(first);
  });
});

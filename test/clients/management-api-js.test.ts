/** Kinde's own client of the Management API against a running mock, over plain http and over TLS. */
import * as client from "@kinde/management-api-js";
import { execFile } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { startMockKinde, type MockKinde } from "../../src/index.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";

interface WebhookBody {
  readonly endpoint: string;
  readonly event_types: readonly string[];
  readonly name: string;
  readonly description?: string | null;
}

/** What of the client is used here: its declarations leave out file extensions, so that TypeScript does not find them all. */
interface ManagementClient {
  readonly init: (options: Readonly<Record<string, string>>) => void;
  readonly ApiError: new (...args: never) => Error;
  readonly Webhooks: {
    createWebHook(data: { requestBody: WebhookBody }): Promise<{ webhook?: { id?: string } }>;
    updateWebHook(data: {
      webhookId: string;
      requestBody: Partial<Omit<WebhookBody, "endpoint">>;
    }): Promise<{ webhook?: unknown }>;
    deleteWebHook(data: { webhookId: string }): Promise<{ code?: string }>;
    getWebHooks(): Promise<{ webhooks?: unknown }>;
    getEvent(data: { eventId: string }): Promise<{ event?: unknown }>;
    getEventTypes(): Promise<{ event_types?: readonly { code?: string }[] }>;
  };
}

interface Watched extends AsyncDisposable {
  readonly kinde: MockKinde;
  /** What the mock was asked, in order. */
  readonly requests: readonly IncomingMessage[];
  /** How often a token was asked for. */
  readonly tokenRequests: () => number;
}

const { init, ApiError, Webhooks } = client as unknown as ManagementClient;
const endpoint = "http://localhost:3000/api/webhook";
const requestBody = { endpoint, event_types: ["user.created"], name: "my app" };

describe("@kinde/management-api-js", () => {
  test("makes all six calls, with a token that it fetches itself", async () => {
    await using receiver = await startReceiver();
    await using watched = await start();
    const { kinde } = watched;
    const { webhook } = await Webhooks.createWebHook({
      requestBody: { ...requestBody, endpoint: receiver.url, description: "mine" },
    });
    const webhookId = webhook?.id ?? "";
    expect(webhook).toEqual({ id: expect.stringMatching(/^webhook_/), endpoint: receiver.url });
    const updated = await Webhooks.updateWebHook({
      webhookId,
      requestBody: { event_types: ["user.created", "user.updated"], name: "renamed", description: null },
    });
    expect(updated.webhook).toEqual({ id: webhookId });
    expect((await Webhooks.getWebHooks()).webhooks).toMatchObject([
      {
        id: webhookId,
        endpoint: receiver.url,
        event_types: ["user.created", "user.updated"],
        name: "renamed",
        description: null,
      },
    ]);

    const { event: emitted } = await kinde.emit("user.updated", { source: "admin" });
    expect(receiver.requests).toHaveLength(1);
    const { event } = await Webhooks.getEvent({ eventId: emitted?.id ?? "" });
    expect(event).toMatchObject({
      type: "user.updated",
      source: "admin",
      event_id: emitted?.id,
      timestamp: emitted?.timestamp,
      data: { user: { email: expect.any(String) } },
    });

    const { event_types: listed } = await Webhooks.getEventTypes();
    expect(listed?.map(({ code }) => code)).toEqual(eventTypes);

    expect((await Webhooks.deleteWebHook({ webhookId })).code).toBe("WEBHOOK_DELETED");
    expect((await Webhooks.getWebHooks()).webhooks).toEqual([]);
  });

  test("keeps its token as long as the audience is the one that it compares with", async () => {
    await using watched = await start({ withAudience: true });
    for (let call = 0; call < 3; call++) await Webhooks.getWebHooks();
    expect(watched.tokenRequests()).toBe(1);
  });

  // It compares with https:// and the URL behind it, whatever that begins with, and asks for the URL itself.
  test("asks for a token before each call when it is told an http URL and nothing else", async () => {
    await using watched = await start();
    for (let call = 0; call < 3; call++) await Webhooks.getWebHooks();
    expect(watched.tokenRequests()).toBe(3);
  });

  test("told by environment variables alone makes all six calls over TLS, with one token", async () => {
    await using receiver = await startReceiver();
    await using watched = await start();
    const { kinde } = watched;
    const { event: emitted } = await kinde.emit("user.updated", { to: receiver.url });
    using temporary = createTemporaryDirectory();
    const caFile = join(temporary.path, "ca.pem");
    writeFileSync(caFile, (await kinde.tls()).ca);
    // In a process of its own: the client reads its environment into what all calls share.
    const program = `
      import { init, Webhooks } from "@kinde/management-api-js";
      init();
      const requestBody = ${JSON.stringify(requestBody)};
      const { webhook } = await Webhooks.createWebHook({ requestBody });
      await Webhooks.updateWebHook({ webhookId: webhook.id, requestBody: { name: "renamed" } });
      const { webhooks } = await Webhooks.getWebHooks();
      const { event } = await Webhooks.getEvent({ eventId: "${emitted?.id}" });
      const { event_types: eventTypes } = await Webhooks.getEventTypes();
      const { code } = await Webhooks.deleteWebHook({ webhookId: webhook.id });
      console.log(JSON.stringify({ webhook, webhooks, event, types: eventTypes.map((type) => type.code), code }));
    `;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "-e", program],
      {
        env: {
          KINDE_DOMAIN: `localhost:${kinde.port}`,
          KINDE_MANAGEMENT_CLIENT_ID: "my-app",
          KINDE_MANAGEMENT_CLIENT_SECRET: "my-secret",
          NODE_EXTRA_CA_CERTS: caFile,
        },
      },
    );
    expect(stderr).toBe("");
    const id = expect.stringMatching(/^webhook_/) as string;
    expect(JSON.parse(stdout)).toMatchObject({
      webhook: { id, endpoint },
      webhooks: [{ id, name: "renamed" }],
      event: { type: "user.updated", event_id: emitted?.id },
      types: eventTypes,
      code: "WEBHOOK_DELETED",
    });
    expect(watched.requests.map(({ url }) => url)).toHaveLength(7);
    expect(watched.tokenRequests()).toBe(1);
    expect(watched.requests.map(({ socket }) => "encrypted" in socket)).toEqual(Array(7).fill(true));
  });

  test("does not try again what is refused as too many: it throws, and does not say until when", async () => {
    await using watched = await start();
    watched.kinde.limitRate({ calls: 2, resetSeconds: 1 });
    for (let call = 0; call < 2; call++) {
      const error = await Webhooks.getWebHooks().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ status: 429, body: { errors: [{ code: "TOO_MANY_REQUESTS" }] } });
      expect(JSON.stringify(error)).not.toMatch(/reset/i);
    }
    expect((await Webhooks.getWebHooks()).webhooks).toEqual([]);
  });

  test("reports a mistake with its status and our errors", async () => {
    await using _ = await start();
    const calls: [() => Promise<unknown>, number, string][] = [
      [
        () => Webhooks.createWebHook({ requestBody: { ...requestBody, endpoint: "x" } }),
        400,
        "ENDPOINT_INVALID",
      ],
      [
        () => Webhooks.createWebHook({ requestBody: { ...requestBody, event_types: ["user.crated"] } }),
        400,
        "EVENT_TYPES_INVALID",
      ],
      [() => Webhooks.deleteWebHook({ webhookId: "webhook_0" }), 404, "WEBHOOK_NOT_FOUND"],
      [() => Webhooks.getEvent({ eventId: "event_0" }), 404, "EVENT_NOT_FOUND"],
    ];
    for (const [call, status, code] of calls) {
      const error = await call().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ status, body: { errors: [{ code }] } });
    }
  });
});

/** A mock that the client is connected to. */
async function start({ withAudience = false } = {}): Promise<Watched> {
  const kinde = await startMockKinde({ signingKey });
  connect(kinde.issuer, withAudience);
  const requests: IncomingMessage[] = [];
  const note = (message: unknown): void => {
    const { request } = message as { readonly request: IncomingMessage };
    if (request.socket.localPort === kinde.port) requests.push(request);
  };
  subscribe("http.server.request.start", note);
  return {
    kinde,
    requests,
    tokenRequests: () => requests.filter(({ url }) => url === "/oauth2/token").length,
    [Symbol.asyncDispose]: async () => {
      unsubscribe("http.server.request.start", note);
      await kinde.close();
    },
  };
}

function connect(kindeDomain: string, withAudience = false): void {
  init({
    kindeDomain,
    clientId: "my-app",
    clientSecret: "my-secret",
    // What it may have of an earlier test.
    token: "",
    ...(withAudience && { audience: `${kindeDomain}/api` }),
  });
}

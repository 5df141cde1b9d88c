import { decodeWebhook } from "@kinde/webhooks";
import { describe, expect, test } from "vitest";
import { createRemoteJwks, startMockKinde, verifyToken } from "../../src/index.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { ask, errorCode } from "../issuer/ask.ts";

describe("a mock", () => {
  test("names its issuer, its JWKS and its port, and takes any port that is free", async () => {
    await using kinde = await startMockKinde({ signingKey });
    expect(kinde.port).toBeGreaterThan(0);
    expect(kinde.issuer).toBe(`http://localhost:${kinde.port}`);
    expect(kinde.jwksUrl).toBe(`${kinde.issuer}/.well-known/jwks`);
    expect(kinde.signingKey).toBe(signingKey);
    const answer = await fetch(kinde.jwksUrl);
    expect(await answer.json()).toEqual({ keys: [signingKey.publicJwk] });
  });

  test("answers discovery, as far as verifying needs it", async () => {
    await using kinde = await startMockKinde({ signingKey });
    const headers = { host: `localhost:${kinde.port}` };
    const { status, json } = await ask(kinde.port, "/.well-known/openid-configuration", { headers });
    expect(status).toBe(200);
    expect(json).toMatchObject({ issuer: kinde.issuer, jwks_uri: kinde.jwksUrl });
  });

  test("serves the key that verifies what it emits: by verifyToken", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    await kinde.emit("user.created");
    const token = (await receiver.next()).body.toString();
    expect(await verifyToken(token, createRemoteJwks(kinde.issuer))).toMatchObject({
      status: "verified",
      kid: signingKey.kid,
      event: { type: "user.created" },
    });
  });

  test("serves the key that verifies what it emits: by @kinde/webhooks", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    await kinde.emit("user.created", { data: { user: { email: "ada@example.com" } } });
    const decoded = await decodeWebhook((await receiver.next()).body.toString(), kinde.issuer);
    expect(decoded).toMatchObject({ type: "user.created", data: { user: { email: "ada@example.com" } } });
  });

  test("has the webhooks that were asked for, with patterns read and ids of their own", async () => {
    await using kinde = await startMockKinde({
      signingKey,
      webhooks: [
        { endpoint: "http://localhost:3000/a", eventTypes: ["role.*", "role.created"] },
        { endpoint: new URL("http://localhost:3000/b#part") },
      ],
    });
    const [first, second] = kinde.webhooks;
    expect(first?.eventTypes).toEqual(["role.created", "role.deleted", "role.updated"]);
    expect(second?.endpoint).toBe("http://localhost:3000/b");
    expect(second?.eventTypes).toContain("user.created");
    for (const { id } of kinde.webhooks) expect(id).toMatch(/^webhook_[\da-f]{32}$/);
    expect(first?.id).not.toBe(second?.id);
  });

  test("has no deliveries to begin with, and none after a reset", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    expect(kinde.deliveries).toEqual([]);
    await kinde.emit("user.created");
    expect(kinde.deliveries).toHaveLength(1);
    await kinde.reset();
    expect(kinde.deliveries).toEqual([]);
    expect(await kinde.emit("user.created")).toMatchObject({ state: "delivered" });
  });

  test("gives its control API to nobody: there is no token to be had", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    for (const authorization of [undefined, "Bearer ", "Bearer undefined", `Bearer ${signingKey.kid}`]) {
      const answered = await ask(kinde.port, "/_devhook/api/emit", {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(authorization !== undefined && { authorization }),
        },
        body: `{"type":"user.created"}`,
      });
      expect([answered.status, errorCode(answered)]).toEqual([401, "ERR_CONTROL_TOKEN"]);
    }
    expect(receiver.requests).toEqual([]);
  });
});

describe("several mocks in one process", () => {
  test("keep their deliveries apart", async () => {
    await using receiver = await startReceiver();
    const webhooks = [{ endpoint: receiver.url }];
    await using first = await startMockKinde({ signingKey, webhooks });
    await using second = await startMockKinde({ signingKey, webhooks });
    expect(first.issuer).not.toBe(second.issuer);
    await Promise.all([first.emit("user.created"), second.emit("role.created"), first.emit("user.deleted")]);
    expect(first.deliveries.map(({ event }) => event?.type)).toEqual(["user.created", "user.deleted"]);
    expect(second.deliveries.map(({ event }) => event?.type)).toEqual(["role.created"]);
    await first.reset();
    expect(second.deliveries).toHaveLength(1);
  });

  test("share a key unless each is given one: an app's cached JWKS stays true", async () => {
    await using first = await startMockKinde();
    await using second = await startMockKinde();
    const token = await (await first.createRequest("user.created")).text();
    expect(second.signingKey).toBe(first.signingKey);
    expect(await verifyToken(token, createRemoteJwks(second.issuer))).toMatchObject({ status: "verified" });
  });

  test("with keys of their own do not verify each other's tokens", async () => {
    await using first = await startMockKinde({ signingKey });
    await using second = await startMockKinde({ signingKey: foreignKey });
    const token = await (await first.createRequest("user.created")).text();
    expect(await verifyToken(token, createRemoteJwks(second.issuer))).toMatchObject({
      status: "unverified",
      reason: "ERR_UNKNOWN_KID",
    });
  });

  test("outlive each other", async () => {
    await using second = await startMockKinde({ signingKey });
    {
      await using first = await startMockKinde({ signingKey });
      expect((await ask(first.port, "/.well-known/jwks")).status).toBe(200);
    }
    expect((await ask(second.port, "/.well-known/jwks")).status).toBe(200);
  });
});

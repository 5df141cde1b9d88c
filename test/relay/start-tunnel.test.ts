import type { JsonWebKey } from "node:crypto";
import { describe, expect, inject, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { listRunFiles } from "../../src/project/run-file.ts";
import type { TunnelProvider } from "../../src/tunnel/tunnel.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { startStandInKinde } from "../helpers/stand-in-kinde.mjs";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { createWebhook } from "./create-webhook.ts";
import { createFakeProvider, openTunnel } from "./test-tunnel.ts";

const privateJwk = inject("foreignPrivateJwk") as JsonWebKey;

describe("a tunnel", () => {
  test("is there when its probe has come back, and brings a webhook of the real issuer to the app", async () => {
    using project = createTemporaryProject();
    await using kinde = await startStandInKinde({ privateJwk });
    await using app = await startReceiver({ answers: [201] });
    await using tunnel = await openTunnel(project, app.url, { realIssuer: kinde.issuer });
    expect(tunnel.blocked).toBeUndefined();
    const token = kinde.signWebhook("user.created");
    expect(await tunnel.post(token)).toMatchObject({ status: 201 });
    expect((await app.next()).body.toString()).toBe(token);
    expect(await tunnel.post(kinde.accessToken())).toMatchObject({ status: 401 });
    expect(tunnel.told).toEqual(["begin 1", "end 201", "ERR_ACCESS_TOKEN"]);
    expect(tunnel.kept).toMatchObject([{ verification: { status: "verified", issuer: kinde.issuer } }]);
    expect(app.requests).toHaveLength(1);
  });

  test("serves the real issuer's keys and ours to the app", async () => {
    using project = createTemporaryProject();
    await using kinde = await startStandInKinde({ privateJwk });
    await using tunnel = await openTunnel(project, "3000", { realIssuer: kinde.issuer });
    expect(tunnel.hasServedJwks()).toBe(false);
    const answer = await fetch(`${tunnel.localIssuer.replace("localhost", "127.0.0.1")}/.well-known/jwks`);
    const { keys } = (await answer.json()) as { keys: { kid: string }[] };
    expect(keys.map(({ kid }) => kid)).toEqual([kinde.kid, signingKey.kid]);
    expect(tunnel.hasServedJwks()).toBe(true);
  });

  test("without a real issuer lets in what our own key signed, and nothing else: 503", async () => {
    using project = createTemporaryProject();
    await using kinde = await startStandInKinde({ privateJwk });
    await using app = await startReceiver();
    await using tunnel = await openTunnel(project, app.url);
    expect(await tunnel.post(createWebhook())).toMatchObject({ status: 200 });
    expect(await tunnel.post(kinde.signWebhook("user.created"))).toMatchObject({ status: 503 });
    expect(tunnel.told.at(-1)).toBe("ERR_NO_ISSUER");
    expect(kinde.requests).toEqual([]);
  });

  test("starts while the issuer can't be had, and says so once", async () => {
    using project = createTemporaryProject();
    await using kinde = await startStandInKinde({ privateJwk });
    kinde.answerJwksWith("html");
    await using app = await startReceiver();
    await using tunnel = await openTunnel(project, app.url, { realIssuer: kinde.issuer });
    expect(tunnel.told).toEqual(["JWKS failure"]);
    expect(await tunnel.post(kinde.signWebhook("user.created"))).toMatchObject({ status: 503 });
    expect(await tunnel.post(createWebhook())).toMatchObject({ status: 200 });
    expect(tunnel.told).toEqual(["JWKS failure", "ERR_JWKS_INVALID", "begin 1", "end 200"]);
  });

  test("that is lost comes back by itself", async () => {
    using project = createTemporaryProject();
    await using app = await startReceiver();
    const provider = createFakeProvider();
    await using tunnel = await openTunnel(project, app.url, { provider });
    provider.lose();
    await tunnel.heard("up");
    expect(tunnel.told).toEqual(["down", "up"]);
    expect(provider.opened).toBe(2);
    expect(await tunnel.post(createWebhook())).toMatchObject({ status: 200 });
  });

  test("is one for a project: ERR_TUNNEL_RUNNING", async () => {
    using project = createTemporaryProject();
    await using tunnel = await openTunnel(project, "3000");
    await expect(openTunnel(project, "3000")).rejects.toMatchObject({ code: "ERR_TUNNEL_RUNNING" });
    expect(tunnel.told).toEqual([]);
  });

  test("that can't be opened leaves nothing open behind it", async () => {
    using project = createTemporaryProject();
    const issuerPort = await findFreePort();
    const provider: TunnelProvider = {
      name: "none",
      address: new URL("http://localhost"),
      open: () => Promise.reject(new Error("no network")),
    };
    await expect(openTunnel(project, "3000", { provider, issuerPort })).rejects.toThrow("no network");
    expect(listRunFiles(project)).toEqual([]);
    await using again = await openTunnel(project, "3000", { issuerPort });
    expect(again.localIssuer).toBe(`http://localhost:${issuerPort}`);
  });
});

describe("deliveries of the run before", () => {
  test("are gone on with, and those that were given up meanwhile are told of", async () => {
    using project = createTemporaryProject();
    await using app = await startReceiver({ answers: [500, 500, 200] });
    const token = createWebhook();
    const history = createMemoryHistory();
    {
      await using first = await openTunnel(project, app.url);
      await first.post(token);
      await first.post(token, "given-up");
      const [pending, givenUp] = first.kept as [Delivery, Delivery];
      const longAgo = new Date(Date.now() - 37 * 60 * 60 * 1000).toISOString();
      await history.append(pending);
      await history.append({ ...givenUp, createdAt: longAgo });
    }
    await using second = await openTunnel(project, app.url, { history });
    expect(second.told).toEqual(["abandoned"]);
    expect(await second.post(token)).toMatchObject({ status: 200 });
    expect(second.kept.at(-1)).toMatchObject({
      state: "delivered",
      attempts: [{ number: 1 }, { number: 2 }],
    });
  });
});

describe("the end of a tunnel", () => {
  /** Answers when it is told to. */
  const createHeld = (): { answer: Answer; released: Promise<void>; release: () => void } => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    return {
      release: () => release(),
      released,
      answer: async (response) => void (await released, response.end("done")),
    };
  };

  test("waits for what is under way, while the tunnel still carries its answer", async () => {
    using project = createTemporaryProject();
    const held = createHeld();
    await using app = await startReceiver({ answers: [held.answer] });
    const provider = createFakeProvider();
    await using tunnel = await openTunnel(project, app.url, { provider });
    const posted = tunnel.post(createWebhook());
    await app.next();
    const closed = tunnel.close(20_000);
    expect(await tunnel.post(createWebhook(), "late")).toMatchObject({ status: 503 });
    expect(provider.isOpen).toBe(true);
    held.release();
    expect((await posted)?.body.toString()).toBe("done");
    await closed;
    expect(provider.isOpen).toBe(false);
    expect(tunnel.told).toEqual(["begin 1", "ERR_CLOSING", "end 200"]);
    expect(listRunFiles(project)).toEqual([]);
  });

  test("is not before what carried it has ended, as another process that this one has started", async () => {
    using project = createTemporaryProject();
    const provider = createFakeProvider();
    const ended = createHeld();
    let asked = (): void => {};
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const slow: TunnelProvider = {
      name: provider.name,
      open: provider.open,
      ended: async () => {
        asked();
        await ended.released;
      },
    };
    await using tunnel = await openTunnel(project, "3000", { provider: slow });
    let isClosed = false;
    const closed = tunnel.close(0).then(() => (isClosed = true));
    await isAsked;
    expect({ isOpen: provider.isOpen, isClosed }).toEqual({ isOpen: false, isClosed: false });
    ended.release();
    await closed;
  });

  test("cuts off what takes longer than its time: kept as cut off, to be tried again", async () => {
    using project = createTemporaryProject();
    await using app = await startReceiver({ answers: [() => {}] });
    await using tunnel = await openTunnel(project, app.url);
    const posted = tunnel.post(createWebhook());
    await app.next();
    await tunnel.close(50);
    expect(await posted).toMatchObject({ status: 503 });
    expect(tunnel.kept).toMatchObject([{ state: "pending", attempts: [{ error: { code: "ERR_ABORTED" } }] }]);
  });
});

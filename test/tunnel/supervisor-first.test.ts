/** The first tunnel: opened and proven, or given up in good time. */
import { describe, expect, test } from "vitest";
import { blocked, cameBack, failed, publicUrl, tunnelError } from "./fake-provider.ts";
import { createSupervision } from "./supervision.ts";

const unavailable = tunnelError("ERR_TUNNEL_UNAVAILABLE", true);

test("is there at once when the provider gives it and the probe comes back", async () => {
  await using supervision = createSupervision();
  const { provider, probe } = supervision;
  const tunnel = await supervision.start();
  expect(tunnel).toMatchObject({ publicUrl, blocked: undefined });
  expect([provider.tunnels.length, probe.sent]).toEqual([1, 1]);
  expect([supervision.retries, supervision.changes]).toEqual([[], []]);
});

describe("that can't be had", () => {
  test.each([
    tunnelError("ERR_TUNNEL_REFUSED", false),
    tunnelError("ERR_TUNNEL_INVALID", false),
    new TypeError("a bug of ours"),
  ])("is given up at once for what will not pass: %s", async (error) => {
    await using supervision = createSupervision();
    supervision.provider.opening = error;
    await expect(supervision.start()).rejects.toBe(error);
    expect(supervision.provider.triedAt).toEqual([0]);
    expect([supervision.retries, supervision.clock.waiting]).toEqual([[], 0]);
  });

  test("is tried again for what may pass, later and later, for four seconds", async () => {
    await using supervision = createSupervision();
    const { provider, clock, retries } = supervision;
    provider.opening = unavailable;
    const starting = supervision.start();
    await clock.advance(4_000);
    await expect(starting).rejects.toBe(unavailable);
    expect(provider.triedAt).toEqual([0, 250, 625, 1_188, 2_033, 3_301]);
    expect(retries).toEqual(Array.from({ length: 5 }, () => unavailable));
    expect(clock.waiting).toBe(0);
  });

  test.each([4_000, 10_000])("is not tried again after a try of %i ms", async (takesMs) => {
    await using supervision = createSupervision();
    const { provider, clock } = supervision;
    provider.opening = tunnelError("ERR_TUNNEL_UNREACHABLE", true);
    provider.takesMs = takesMs;
    const starting = supervision.start();
    await clock.advance(takesMs);
    await expect(starting).rejects.toMatchObject({ code: "ERR_TUNNEL_UNREACHABLE" });
    expect(provider.triedAt).toEqual([0]);
  });

  test("is given up within 15 s, however long each answer takes", async () => {
    for (let takesMs = 100; takesMs <= 10_000; takesMs += 300) {
      await using supervision = createSupervision();
      const { provider, clock } = supervision;
      provider.opening = unavailable;
      provider.takesMs = takesMs;
      const starting = supervision.start();
      await clock.advance(15_000);
      await expect(starting).rejects.toBe(unavailable);
      expect(clock.waiting).toBe(0);
    }
  });

  test("is had when what stood in the way has passed", async () => {
    await using supervision = createSupervision();
    const { provider, clock, retries } = supervision;
    provider.opening = tunnelError("ERR_SUBDOMAIN_TAKEN", true);
    const starting = supervision.start();
    await clock.advance(1_000);
    provider.opening = "open";
    await clock.advance(1_000);
    expect((await starting).publicUrl).toBe(publicUrl);
    expect(retries.map(({ code }) => code)).toEqual(Array.from({ length: 3 }, () => "ERR_SUBDOMAIN_TAKEN"));
    expect(supervision.changes).toEqual([]);
  });
});

describe("a probe", () => {
  test.each([
    ["failed", failed],
    ["blocked", blocked],
  ])("that %s is sent again, twice, half a second apart", async (_, result) => {
    await using supervision = createSupervision();
    const { provider, probe, clock } = supervision;
    probe.results = [result, result, cameBack];
    const starting = supervision.start();
    await clock.advance(499);
    expect(probe.sent).toBe(1);
    await clock.advance(501);
    expect(await starting).toMatchObject({ blocked: undefined });
    expect([probe.sent, provider.triedAt]).toEqual([3, [0]]);
    expect(provider.tunnels[0]?.isClosed).toBe(false);
  });

  test("that can't leave this machine says nothing against the tunnel", async () => {
    await using supervision = createSupervision();
    supervision.probe.results = [blocked];
    const starting = supervision.start();
    await supervision.clock.advance(1_000);
    expect(await starting).toMatchObject({ publicUrl, blocked: "tunnel.example: no such name" });
    expect(supervision.provider.tunnels[0]?.isClosed).toBe(false);
  });

  test("that never comes back is ERR_PROBE_FAILED, and no tunnel stays open", async () => {
    await using supervision = createSupervision();
    const { provider, probe, clock, retries } = supervision;
    probe.results = [failed];
    const starting = supervision.start();
    await clock.advance(15_000);
    await expect(starting).rejects.toMatchObject({
      code: "ERR_PROBE_FAILED",
      exitCode: 3,
      reason: expect.stringContaining("something else answers") as string,
    });
    expect(provider.tunnels.length).toBeGreaterThan(1);
    expect(provider.tunnels.map(({ isClosed }) => isClosed)).toEqual(provider.tunnels.map(() => true));
    expect(probe.sent).toBe(3 * provider.tunnels.length);
    expect(retries).toHaveLength(provider.tunnels.length - 1);
  });

  test("that fails, then comes back through the next tunnel, leaves that one open", async () => {
    await using supervision = createSupervision();
    const { provider, probe, clock } = supervision;
    probe.results = [failed, failed, failed, cameBack];
    const starting = supervision.start();
    await clock.advance(2_000);
    await starting;
    expect(provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });
});

describe("a signal ends the wait with its reason", () => {
  test("while a try hangs", async () => {
    await using supervision = createSupervision();
    supervision.provider.opening = "hang";
    const starting = supervision.start();
    supervision.abort.abort(new Error("enough"));
    await expect(starting).rejects.toThrow("enough");
  });

  test("before the next try", async () => {
    await using supervision = createSupervision();
    const { provider, clock } = supervision;
    provider.opening = unavailable;
    const starting = supervision.start();
    await clock.advance(100);
    expect(clock.waiting).toBe(1);
    supervision.abort.abort(new Error("enough"));
    await expect(starting).rejects.toThrow("enough");
    expect([clock.waiting, provider.triedAt]).toEqual([0, [0]]);
  });

  test.each([
    ["while the probe is out", ["hang"] as const],
    ["before the next probe", [failed]],
  ])("%s, and the tunnel is closed", async (_, results) => {
    await using supervision = createSupervision();
    const { provider, probe, clock } = supervision;
    probe.results = results;
    const starting = supervision.start();
    await clock.advance(100);
    expect(probe.sent).toBe(1);
    supervision.abort.abort(new Error("enough"));
    await expect(starting).rejects.toThrow("enough");
    expect(provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([true]);
    expect(clock.waiting).toBe(0);
  });
});

test("once it is there, the signal of the wait means nothing any more", async () => {
  await using supervision = createSupervision();
  await supervision.start();
  supervision.abort.abort(new Error("enough"));
  await supervision.clock.advance(1_000);
  expect(supervision.provider.tunnels[0]?.isClosed).toBe(false);
});

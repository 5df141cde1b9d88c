/** A tunnel that was up: when it is lost it comes back, and every change is told. */
import { describe, expect, test } from "vitest";
import type { SupervisedTunnel } from "../../src/tunnel/supervisor.ts";
import { blocked, cameBack, failed, tunnelError } from "./fake-provider.ts";
import { createSupervision, type Supervision } from "./supervision.ts";

const minute = 60_000;
const url = "https://acme-devhook.tunnel.example";
const unreachable = tunnelError("ERR_TUNNEL_UNREACHABLE", true);
const refused = tunnelError("ERR_TUNNEL_REFUSED", false);

/** A tunnel that is up, and how to lose it. */
async function open(): Promise<
  Supervision & { readonly tunnel: SupervisedTunnel; lose(cause?: string): Promise<void> }
> {
  const supervision = createSupervision();
  const tunnel = await supervision.start();
  return {
    ...supervision,
    tunnel,
    lose: async (cause = "the server hung up") => {
      supervision.provider.tunnels.at(-1)?.lose(cause);
      // What follows at once happens now.
      await supervision.clock.advance(0);
      await supervision.clock.advance(0);
    },
  };
}

test("is opened again at once, and says from when to when it was down", async () => {
  await using scene = await open();
  await scene.clock.advance(5 * minute);
  await scene.lose();
  expect(scene.changes).toEqual([
    { state: "down", url, cause: "the server hung up", downMs: 0 },
    { state: "up", url, cause: "the server hung up", downMs: 0 },
  ]);
  expect(scene.provider.triedAt).toEqual([0, 5 * minute]);
  expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  // It was proven, too.
  expect(scene.probe.sent).toBe(2);
});

test("is opened again later and later, every 5 s in the end, for ever", async () => {
  await using scene = await open();
  scene.provider.opening = unreachable;
  await scene.lose();
  await scene.clock.advance(30_000);
  expect(scene.provider.triedAt).toEqual([
    0, 0, 250, 750, 1_750, 3_750, 7_750, 12_750, 17_750, 22_750, 27_750,
  ]);
  expect(scene.changes).toEqual([
    { state: "down", url, cause: "the server hung up", downMs: 0 },
    { state: "reconnecting", url, cause: "the cause of ERR_TUNNEL_UNREACHABLE", downMs: 0 },
  ]);
  scene.provider.opening = "open";
  await scene.clock.advance(5_000);
  expect(scene.changes.at(-1)).toEqual({ state: "up", url, cause: "the server hung up", downMs: 32_750 });
  expect(scene.clock.waiting).toBe(0);
});

test("begins anew with short waits after each time it was up", async () => {
  await using scene = await open();
  for (let outage = 1; outage <= 3; outage++) {
    scene.provider.opening = unreachable;
    await scene.lose(`outage ${outage}`);
    await scene.clock.advance(5_000);
    scene.provider.opening = "open";
    await scene.clock.advance(2_750);
    expect(scene.changes.at(-1)).toEqual({ state: "up", url, cause: `outage ${outage}`, downMs: 7_750 });
  }
  expect(scene.changes.map(({ state }) => state)).toEqual(
    Array.from({ length: 3 }, () => ["down", "reconnecting", "up"]).flat(),
  );
  expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([true, true, true, false]);
});

test("comes back after a server that refused it for an hour", async () => {
  await using scene = await open();
  scene.provider.opening = refused;
  await scene.lose();
  await scene.clock.advance(60 * minute);
  scene.provider.opening = "open";
  await scene.clock.advance(5_000);
  expect(scene.changes.at(-1)).toMatchObject({ state: "up", url });
  expect(scene.changes.at(-1)?.downMs).toBeGreaterThan(60 * minute);
  const told = scene.changes.filter(({ state }) => state === "reconnecting");
  // Once a minute, or a little later: at the first try after it.
  expect(told.length).toBeGreaterThan(50);
  expect(told.length).toBeLessThanOrEqual(60);
  expect(new Set(told.map(({ cause }) => cause))).toEqual(new Set(["the cause of ERR_TUNNEL_REFUSED"]));
  expect(scene.provider.triedAt.length).toBeGreaterThan(700);
});

test("tells of another reason at once, and of the same one after a minute", async () => {
  await using scene = await open();
  const said = (): string[] =>
    scene.changes
      .filter(({ state }) => state === "reconnecting")
      .map(({ cause }) => cause.replace(/.* /, ""));
  scene.provider.opening = unreachable;
  await scene.lose();
  await scene.clock.advance(minute - 1);
  expect(said()).toEqual(["ERR_TUNNEL_UNREACHABLE"]);
  await scene.clock.advance(5_000);
  expect(said()).toEqual(["ERR_TUNNEL_UNREACHABLE", "ERR_TUNNEL_UNREACHABLE"]);
  scene.provider.opening = tunnelError("ERR_TUNNEL_UNAVAILABLE", true);
  await scene.clock.advance(5_000);
  scene.provider.opening = new TypeError("a bug of ERR_NOBODY");
  await scene.clock.advance(5_000);
  expect(said().slice(2)).toEqual(["ERR_TUNNEL_UNAVAILABLE", "ERR_NOBODY"]);
});

describe("a probe after the way back", () => {
  test("that fails closes the tunnel again, and the next is tried", async () => {
    await using scene = await open();
    scene.probe.results = [failed, failed, failed, cameBack];
    await scene.lose();
    await scene.clock.advance(1_000);
    expect(scene.changes.at(-1)).toEqual({
      state: "reconnecting",
      url,
      cause: expect.stringContaining("something else answers") as string,
      downMs: 1_000,
    });
    expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    await scene.clock.advance(250);
    expect(scene.changes.at(-1)).toMatchObject({ state: "up", downMs: 1_250 });
    expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
  });

  test("that can't leave this machine says nothing against it", async () => {
    await using scene = await open();
    scene.probe.results = [blocked];
    await scene.lose();
    await scene.clock.advance(1_000);
    expect(scene.changes.map(({ state }) => state)).toEqual(["down", "up"]);
  });
});

describe("closing", () => {
  test("a tunnel that is up closes it, without a word", async () => {
    await using scene = await open();
    await scene.tunnel.close();
    expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([true]);
    scene.provider.tunnels[0]?.lose("closed by ourselves");
    await scene.clock.advance(minute);
    expect(scene.changes).toEqual([]);
    expect(scene.provider.triedAt).toEqual([0]);
  });

  test("in the middle of a wait ends it", async () => {
    await using scene = await open();
    scene.provider.opening = unreachable;
    await scene.lose();
    await scene.clock.advance(10_000);
    expect(scene.clock.waiting).toBe(1);
    const tries = scene.provider.triedAt.length;
    await scene.tunnel.close();
    await scene.clock.advance(minute);
    expect([scene.clock.waiting, scene.provider.triedAt.length]).toEqual([0, tries]);
    expect(scene.changes.map(({ state }) => state)).toEqual(["down", "reconnecting"]);
  });

  test("in the middle of a try ends that", async () => {
    await using scene = await open();
    scene.provider.opening = "hang";
    await scene.lose();
    await scene.tunnel.close();
    await scene.clock.advance(minute);
    expect(scene.provider.triedAt).toHaveLength(2);
    expect(scene.changes.map(({ state }) => state)).toEqual(["down"]);
  });

  test.each([
    ["while a probe is out", ["hang"] as const],
    ["before the next probe", [failed]],
  ])("%s closes the tunnel that was to be", async (_, results) => {
    await using scene = await open();
    scene.probe.results = results;
    await scene.lose();
    expect(scene.probe.sent).toBe(2);
    await scene.tunnel.close();
    await scene.clock.advance(minute);
    expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect([scene.clock.waiting, scene.probe.sent]).toEqual([0, 2]);
    expect(scene.changes.map(({ state }) => state)).toEqual(["down"]);
  });

  test("at the moment it is lost is no outage", async () => {
    await using scene = await open();
    const closing = scene.tunnel.close();
    scene.provider.tunnels[0]?.lose("at the same moment");
    await closing;
    await scene.clock.advance(minute);
    expect(scene.changes).toEqual([]);
    expect(scene.provider.triedAt).toEqual([0]);
  });

  test("twice is as good as once", async () => {
    await using scene = await open();
    await Promise.all([scene.tunnel.close(), scene.tunnel.close()]);
    await scene.tunnel.close();
    expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([true]);
  });
});

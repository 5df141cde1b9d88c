/** A tunnel that was up: when it is lost it comes back, and every change is told. */
import { describe, expect, test } from "vitest";
import type { SupervisedTunnel } from "../../src/tunnel/supervisor.ts";
import { blocked, cameBack, failed, limited, tunnelError } from "./fake-provider.ts";
import { createSupervision, type Supervision } from "./supervision.ts";

const minute = 60_000;
const startedAt = expect.stringMatching(/^2026-01-02T/) as string;
const url = "https://acme-devhook.tunnel.example";
const hungUp = { cause: "tunnel service", reason: "the server hung up" } as const;
const unreachableNow = { cause: "tunnel service", reason: "the cause of ERR_TUNNEL_UNREACHABLE" } as const;
const unreachable = tunnelError("ERR_TUNNEL_UNREACHABLE", true);
const refused = tunnelError("ERR_TUNNEL_REFUSED", false);

interface Scene extends Supervision {
  readonly supervision: Supervision;
  readonly tunnel: SupervisedTunnel;
  lose(reason?: string): Promise<void>;
}

/** A tunnel that is up, and how to lose it. */
async function open(): Promise<Scene> {
  const supervision = createSupervision();
  const tunnel = await supervision.start();
  return {
    ...supervision,
    supervision,
    tunnel,
    lose: async (reason = "the server hung up") => {
      supervision.provider.tunnels.at(-1)?.lose(reason);
      // What follows at once happens now.
      await supervision.clock.advance(0);
      await supervision.clock.advance(0);
    },
  };
}

test("is opened again at once, and says from when to when it was down", async () => {
  await using scene = await open();
  await scene.clock.advance(5 * minute);
  const sent = scene.probe.sent;
  await scene.lose();
  expect(scene.changes).toEqual([
    { state: "down", url, ...hungUp, startedAt: "2026-01-02T00:05:00.000Z", endedAt: null, downMs: 0 },
    {
      state: "up",
      url,
      ...hungUp,
      startedAt: "2026-01-02T00:05:00.000Z",
      endedAt: "2026-01-02T00:05:00.000Z",
      downMs: 0,
      probed: true,
    },
  ]);
  expect(scene.provider.triedAt).toEqual([0, 5 * minute]);
  expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  // It was proven, too.
  expect(scene.probe.sent).toBe(sent + 1);
});

test("is opened again later and later, every 5 s in the end, for ever", async () => {
  await using scene = await open();
  scene.provider.opening = unreachable;
  await scene.lose();
  await scene.clock.advance(30_000);
  expect(scene.provider.triedAt).toEqual([
    0, 0, 250, 625, 1_188, 2_033, 3_301, 5_203, 8_056, 12_336, 17_336, 22_336, 27_336,
  ]);
  expect(scene.changes).toEqual([
    { state: "down", url, ...hungUp, startedAt, endedAt: null, downMs: 0 },
    { state: "reconnecting", url, ...unreachableNow, startedAt, endedAt: null, downMs: 0 },
  ]);
  scene.provider.opening = "open";
  await scene.clock.advance(5_000);
  expect(scene.changes.at(-1)).toMatchObject({ state: "up", url, ...unreachableNow, downMs: 32_336 });
});

test("begins anew with short waits after each time it was up", async () => {
  await using scene = await open();
  for (let outage = 1; outage <= 3; outage++) {
    scene.provider.opening = unreachable;
    await scene.lose(`outage ${outage}`);
    await scene.clock.advance(5_000);
    scene.provider.opening = "open";
    await scene.clock.advance(203);
    expect(scene.changes.at(-1)).toMatchObject({ state: "up", url, downMs: 5_203 });
  }
  expect(scene.changes.map(({ state }) => state)).toEqual(
    Array.from({ length: 3 }, () => ["down", "reconnecting", "up"]).flat(),
  );
  expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([true, true, true, false]);
});

test("that goes as soon as it is open is opened later and later, until it stays for a second", async () => {
  await using scene = await open();
  let losses = 0;
  scene.supervision.onChange = ({ state }) => {
    if (state === "up" && ++losses < 100) scene.provider.tunnels.at(-1)?.lose("it went at once");
  };
  await scene.lose();
  await scene.clock.advance(minute);
  // Every 5 s in the end.
  expect(losses).toBeGreaterThan(10);
  expect(losses).toBeLessThan(25);
  scene.supervision.onChange = () => {};
  await scene.clock.advance(10_000);
  expect(scene.changes.at(-1)?.state).toBe("up");
  await scene.lose();
  expect(scene.changes.at(-1)).toMatchObject({ state: "up", downMs: 0 });
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
  expect(new Set(told.map(({ reason }) => reason))).toEqual(new Set(["the cause of ERR_TUNNEL_REFUSED"]));
  expect(scene.provider.triedAt.length).toBeGreaterThan(700);
});

test("tells of another reason at once, and of the same one after a minute", async () => {
  await using scene = await open();
  const said = (): string[] =>
    scene.changes
      .filter(({ state }) => state === "reconnecting")
      .map(({ reason }) => reason.replace(/.* /, ""));
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
    expect(scene.changes.at(-1)).toMatchObject({
      state: "reconnecting",
      url,
      reason: expect.stringContaining("something else answers") as string,
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
    expect(scene.changes.at(-1)).toMatchObject({ probed: false });
  });

  test("that can't leave this machine counts against a tunnel that somebody else runs, and that once worked", async () => {
    await using scene = await open();
    scene.provider.isElsewhere = true;
    scene.probe.results = [blocked];
    await scene.lose();
    await scene.clock.advance(minute);
    expect(scene.changes.map(({ state }) => state)).not.toContain("up");
    scene.probe.results = [cameBack];
    await scene.clock.advance(10_000);
    expect(scene.changes.at(-1)).toMatchObject({ state: "up", probed: true });
  });
});

test("that somebody else runs is up again when a webhook comes through it", async () => {
  await using scene = await open();
  scene.provider.isElsewhere = true;
  scene.probe.results = [blocked];
  await scene.lose();
  await scene.clock.advance(minute);
  scene.activity.heardAt = scene.clock.now();
  await scene.clock.advance(10_000);
  expect(scene.changes.at(-1)).toMatchObject({ state: "up", probed: false });
});

describe("a machine that reaches nothing for a while", () => {
  test("keeps its tunnel, and tells when it is reached again", async () => {
    await using scene = await open();
    scene.supervision.isOnline = false;
    scene.probe.results = [blocked];
    await scene.clock.advance(10 * minute);
    expect(scene.changes[0]).toMatchObject({ state: "down", cause: "our network" });
    expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([false]);
    scene.probe.results = [cameBack];
    await scene.clock.advance(5_000);
    expect(scene.changes.at(-1)).toMatchObject({ state: "up", cause: "our network", probed: true });
    expect(scene.provider.triedAt).toEqual([0]);
    expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([false]);
  });

  test("is reached again when a webhook comes, and is not told of again while only its own requests do not get out", async () => {
    await using scene = await open();
    scene.probe.results = [blocked];
    await scene.clock.advance(minute);
    expect(scene.changes.at(-1)?.state).not.toBe("up");
    scene.activity.heardAt = scene.clock.now();
    await scene.clock.advance(10_000);
    expect(scene.changes.at(-1)).toMatchObject({ state: "up", probed: false });
    const told = scene.changes.length;
    await scene.clock.advance(10 * minute);
    expect(scene.changes).toHaveLength(told);
    expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([false]);
  });

  test("is reached again by a service that is asked too often, and asks it less often", async () => {
    await using scene = await open();
    scene.probe.results = [blocked];
    await scene.clock.advance(minute);
    scene.probe.results = [limited];
    await scene.clock.advance(10_000);
    expect(scene.changes.at(-1)).toMatchObject({ state: "up", probed: false });
    const { sent } = scene.probe;
    await scene.clock.advance(20 * minute);
    expect(scene.slowDowns).toEqual([40_000, 80_000, 160_000, 300_000]);
    expect(scene.probe.sent - sent).toBeLessThan(10);
  });

  test.each([
    ["did not live through it", (scene: Scene) => void (scene.probe.results = [failed, cameBack])],
    ["was lost meanwhile", (scene: Scene) => scene.provider.tunnels[0]?.lose("it was cut")],
  ])("opens one that %s anew", async (_, end) => {
    await using scene = await open();
    scene.probe.results = [blocked];
    await scene.clock.advance(minute);
    expect(scene.changes.at(-1)?.state).not.toBe("up");
    scene.probe.results = [blocked, cameBack];
    end(scene);
    await scene.clock.advance(10_000);
    expect(scene.changes.at(-1)).toMatchObject({ state: "up", probed: true });
    expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });
});

test("is told as of the moment it went, however long its cause takes to find out", async () => {
  await using scene = await open();
  scene.supervision.lookMs = 1_000;
  scene.supervision.isOnline = false;
  await scene.lose();
  await scene.clock.advance(1_000);
  expect(scene.changes[0]).toMatchObject({ state: "down", cause: "our network", downMs: 0 });
  expect(scene.changes.at(-1)).toMatchObject({ state: "up", downMs: 1_000 });
});

test("comes back where nobody may look at the network", async () => {
  await using scene = await open();
  scene.supervision.isOnline = new Error("EACCES");
  await scene.lose();
  expect(scene.changes.map(({ state, cause }) => `${state}, ${cause}`)).toEqual([
    "down, tunnel service",
    "up, tunnel service",
  ]);
});

test("is told every minute by a clock that was set back, and was never down for less than no time", async () => {
  await using scene = await open();
  scene.provider.opening = unreachable;
  await scene.lose();
  scene.clock.setBack(60 * minute);
  await scene.clock.advance(3 * minute);
  const told = scene.changes.filter(({ state }) => state === "reconnecting");
  expect(told.length).toBeGreaterThanOrEqual(3);
  expect(told.every(({ downMs }) => downMs >= 0)).toBe(true);
});

describe("the cause of an outage is", () => {
  test.each([
    ["our network, where nothing else can be reached either", false, unreachable, "our network"],
    ["the service, where something else can be reached", true, unreachable, "tunnel service"],
    ["the service, where nobody can tell", undefined, unreachable, "tunnel service"],
    ["the service that has answered, whatever else can be reached", false, refused, "tunnel service"],
  ])("%s", async (_, isOnline, error, cause) => {
    await using scene = await open();
    scene.supervision.isOnline = isOnline;
    scene.provider.opening = error;
    await scene.lose();
    await scene.clock.advance(0);
    expect(scene.changes.at(-1)).toMatchObject({ state: "reconnecting", cause });
  });

  test("that the name is taken, once it can't be ourselves any more, and is said every minute", async () => {
    await using scene = await open();
    scene.provider.opening = unreachable;
    await scene.lose();
    await scene.clock.advance(minute);
    scene.provider.opening = tunnelError("ERR_SUBDOMAIN_TAKEN", true);
    const before = scene.changes.length;
    await scene.clock.advance(5_000);
    expect(scene.changes).toHaveLength(before);
    await scene.clock.advance(5 * minute);
    const said = scene.changes.slice(before);
    expect(new Set(said.map(({ state, cause }) => `${state}, ${cause}`))).toEqual(
      new Set(["down, name taken"]),
    );
    expect(said.length).toBeGreaterThanOrEqual(4);
    expect(said.length).toBeLessThanOrEqual(6);
    scene.provider.opening = "open";
    await scene.clock.advance(5_000);
    expect(scene.changes.at(-1)).toMatchObject({ state: "up", cause: "name taken" });
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

  test("as soon as it is told that it is up again closes it", async () => {
    await using scene = await open();
    let closing: Promise<void> | undefined;
    scene.supervision.onChange = ({ state }) => {
      if (state === "up") closing = scene.tunnel.close();
    };
    await scene.lose();
    await closing;
    expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  });

  test("twice is as good as once", async () => {
    await using scene = await open();
    await Promise.all([scene.tunnel.close(), scene.tunnel.close()]);
    await scene.tunnel.close();
    expect(scene.provider.tunnels.map(({ isClosed }) => isClosed)).toEqual([true]);
  });
});

test("one that goes again while its probe is out is not waited for", async () => {
  await using scene = await open();
  scene.probe.results = ["hang"];
  await scene.lose();
  scene.provider.tunnels.at(-1)?.lose("it went again");
  scene.probe.results = [cameBack];
  await scene.clock.advance(250);
  expect(scene.changes.map(({ state }) => state)).toEqual(["down", "reconnecting", "up"]);
  expect(scene.changes[1]?.reason).toContain("it went again");
});

test("one that is opened under another URL has that from then on", async () => {
  await using scene = await open();
  scene.provider.url = new URL("https://another.tunnel.example/");
  await scene.lose();
  expect(scene.changes.at(-1)).toMatchObject({ state: "up", url: "https://another.tunnel.example" });
  expect(scene.tunnel.publicUrl.href).toBe("https://another.tunnel.example/");
});

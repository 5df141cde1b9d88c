/** A tunnel that is up, and through which nothing comes any more: noticed, whatever its connections look like. */
import { describe, expect, test } from "vitest";
import type { Clock } from "../../src/delivery/clock.ts";
import type { Probe } from "../../src/tunnel/probe.ts";
import { createProbePace, watchTunnel, type TunnelActivity } from "../../src/tunnel/watch-tunnel.ts";
import { createHeldClock, type HeldClock } from "../delivery/held-clock.ts";
import {
  blocked,
  cameBack,
  createFakeProbe,
  failed,
  limited,
  publicUrl,
  type FakeProbe,
} from "./fake-provider.ts";

const second = 1_000;
const minute = 60 * second;

interface Watch extends Disposable {
  readonly clock: HeldClock;
  readonly probe: FakeProbe;
  readonly activity: { heardAt: number; underWay: number };
  /** When probes were sent, in milliseconds since the beginning. */
  readonly sentAt: readonly number[];
  readonly slowDowns: readonly number[];
  /** What happens before a probe's result is there. @param timeoutMs how long it may take */
  afterSend: (timeoutMs: number) => Promise<void>;
  /** Why it was taken for dead, and when. */
  readonly dead: { readonly reason: string; readonly atMs: number } | undefined;
  /** Time goes on, with nobody awake to see it. */
  sleep(ms: number): Promise<void>;
}

function watch({ isProven = true, connections }: { isProven?: boolean; connections?: number } = {}): Watch {
  const held = createHeldClock();
  let sleptMs = 0;
  const clock: Clock = { now: () => held.now() + sleptMs, wait: held.wait };
  const startedAt = clock.now();
  const probe = createFakeProbe();
  const sentAt: number[] = [];
  const patient: Probe = {
    answer: probe.answer,
    send: async (url, signal, timeoutMs = 0) => {
      sentAt.push(clock.now() - startedAt);
      const result = await probe.send(url, signal, timeoutMs);
      await scene.afterSend(timeoutMs);
      return result;
    },
  };
  const activity = { heardAt: 0, underWay: 0 };
  const source: TunnelActivity = { heardAt: () => activity.heardAt, underWay: () => activity.underWay };
  const slowDowns: number[] = [];
  const pace = createProbePace((intervalMs) => slowDowns.push(intervalMs));
  const ended = new AbortController();
  let dead: Watch["dead"];
  void watchTunnel(
    { publicUrl, ...(connections !== undefined && { connections }) },
    isProven,
    { probe: patient, clock, activity: source, pace },
    ended.signal,
  ).then(
    ({ reason }) => (dead = { reason, atMs: clock.now() - startedAt }),
    () => {},
  );
  const scene: Watch = {
    afterSend: () => Promise.resolve(),
    clock: held,
    probe,
    activity,
    sentAt,
    slowDowns,
    get dead() {
      return dead;
    },
    sleep: async (ms) => {
      sleptMs += ms;
      // The timers of before are due, and nothing of the time between.
      await held.advance(2 * second);
    },
    [Symbol.dispose]: () => ended.abort(),
  };
  return scene;
}

test("a tunnel that is idle is tried every 20 s", async () => {
  using scene = watch();
  await scene.clock.advance(minute);
  expect(scene.sentAt).toEqual([20 * second, 40 * second, minute]);
  expect(scene.probe.patience).toEqual([4_000, 4_000, 4_000]);
  expect(scene.dead).toBeUndefined();
});

test("one through which webhooks come is not tried", async () => {
  using scene = watch();
  for (let passed = 0; passed < 10 * minute; passed += 10 * second) {
    scene.activity.heardAt = scene.clock.now();
    await scene.clock.advance(10 * second);
  }
  expect(scene.sentAt).toEqual([]);
  await scene.clock.advance(20 * second);
  expect(scene.sentAt).toHaveLength(1);
});

test.each([10, 2, 1])(
  "one whose %i connections are all at work is not tried, and is as soon as one is free",
  async (connections) => {
    using scene = watch({ connections });
    scene.activity.underWay = connections;
    scene.probe.results = [failed];
    await scene.clock.advance(5 * minute);
    expect(scene.sentAt).toEqual([]);
    scene.activity.underWay = connections - 1;
    await scene.clock.advance(4 * second);
    expect(scene.dead).toBeDefined();
  },
);

test("one that is deaf is noticed within 30 s of the last that came through, at the slowest answers", async () => {
  using scene = watch();
  const { clock, probe } = scene;
  await clock.advance(7 * second);
  scene.activity.heardAt = clock.now();
  probe.results = [failed];
  // What a probe without an answer takes: all the time that it is given.
  scene.afterSend = async (timeoutMs) => await clock.wait(timeoutMs);
  await clock.advance(30 * second);
  expect(scene.sentAt).toHaveLength(2);
  expect(scene.dead?.atMs).toBeLessThanOrEqual(37 * second);
  expect(scene.dead?.reason).toContain("something else answers");
});

describe("a probe that does not come back", () => {
  test("once is no outage", async () => {
    using scene = watch();
    scene.probe.results = [failed, cameBack];
    await scene.clock.advance(minute);
    expect(scene.dead).toBeUndefined();
    expect(scene.sentAt.slice(0, 2)).toEqual([20 * second, 22 * second]);
  });

  test("is none where a webhook came through meanwhile", async () => {
    using scene = watch();
    scene.probe.results = [failed];
    scene.afterSend = async () => {
      await scene.clock.wait(100);
      scene.activity.heardAt = scene.clock.now();
    };
    await scene.clock.advance(10 * minute);
    expect(scene.dead).toBeUndefined();
  });

  test("because this machine reaches nothing is tried once more, two seconds later", async () => {
    using scene = watch();
    scene.probe.results = [blocked];
    await scene.clock.advance(minute);
    expect(scene.sentAt).toEqual([20 * second, 22 * second]);
    expect(scene.dead).toEqual({ reason: expect.stringContaining("no such name"), atMs: 22 * second });
  });

  test("because it never could says nothing, for hours", async () => {
    using scene = watch({ isProven: false });
    scene.probe.results = [blocked];
    await scene.clock.advance(120 * minute);
    expect(scene.dead).toBeUndefined();
    expect(scene.sentAt.length).toBeGreaterThan(300);
  });

  test("says something once another has", async () => {
    using scene = watch({ isProven: false });
    scene.probe.results = [blocked, cameBack, blocked];
    await scene.clock.advance(2 * minute);
    expect(scene.dead).toBeDefined();
  });
});

test("a service that is asked too often is asked half as often, and every 5 min at the rarest", async () => {
  using scene = watch();
  scene.probe.results = [limited];
  await scene.clock.advance(60 * minute);
  expect(scene.dead).toBeUndefined();
  expect(scene.slowDowns).toEqual([40, 80, 160, 300].map((seconds) => seconds * second));
  const gaps = scene.sentAt.map((at, index) => at - (scene.sentAt[index - 1] ?? 0));
  expect(gaps.slice(0, 6)).toEqual([20, 40, 80, 160, 300, 300].map((seconds) => seconds * second));
});

test("a service that puts up with being asked is asked twice as often again", async () => {
  using scene = watch();
  scene.probe.results = [limited, limited, limited, limited, cameBack];
  await scene.clock.advance(60 * minute);
  expect(scene.slowDowns.at(-1)).toBe(5 * minute);
  await scene.clock.advance(4 * 60 * minute);
  const gaps = scene.sentAt.map((at, index) => at - (scene.sentAt[index - 1] ?? 0));
  expect(gaps.at(-1)).toBe(20 * second);
});

test("a machine that was asleep tries the tunnel as soon as it is awake", async () => {
  using scene = watch();
  scene.activity.underWay = 10;
  await scene.clock.advance(3 * second);
  await scene.sleep(8 * 60 * minute);
  expect(scene.sentAt).toHaveLength(1);
  scene.probe.results = [failed];
  await scene.sleep(8 * 60 * minute);
  await scene.clock.advance(2 * second);
  expect(scene.dead?.reason).toContain("something else answers");
});

test("a machine that was asleep tries it also when all connections had been at work for long", async () => {
  using scene = watch();
  scene.activity.underWay = 10;
  await scene.clock.advance(minute + second);
  await scene.sleep(8 * 60 * minute);
  expect(scene.sentAt).toHaveLength(1);
});

test("a clock that is set back neither hides a deaf tunnel nor kills a live one", async () => {
  using scene = watch();
  scene.activity.heardAt = scene.clock.now();
  await scene.clock.advance(second);
  await scene.sleep(-5 * 60 * minute);
  expect(scene.dead).toBeUndefined();
  scene.probe.results = [failed];
  await scene.clock.advance(22 * second);
  expect(scene.dead).toBeDefined();
});

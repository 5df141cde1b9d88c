import { describe, expect, test } from "vitest";
import { describeKeys } from "../../../src/cli/keys/key-actions.ts";
import { createSessionKeys, type SessionKeysOptions } from "../../../src/cli/keys/session-keys.ts";
import { sampleDelivery } from "../../delivery/sample-delivery.ts";

interface Session {
  /** What was said and done, in order. */
  readonly told: readonly string[];
  readonly keys: readonly string[];
  readonly line: string;
  press(key: string): Promise<void>;
}

function startSession(options: Partial<SessionKeysOptions> = {}): Session {
  const told: string[] = [];
  const tell = (text: string): void => void told.push(text);
  const actions = createSessionKeys({
    latest: () => Promise.resolve(sampleDelivery({ id: "dlv_1", endpoint: "http://localhost:3000/" })),
    shown: (delivery) => delivery,
    whenNone: "none",
    replay: ({ id }) => Promise.resolve(tell(`sent ${id}`)),
    describe: ({ id }) => [`all of ${id}`],
    inspectorUrl: undefined,
    openBrowser: (url) => Promise.resolve(told.push(`opened ${url}`) > 0),
    forwarding: undefined,
    clearScreen: () => true,
    tellKeys: () => tell("keys"),
    quit: () => tell("quit"),
    paint: (_colour, text) => text,
    print: tell,
    note: tell,
    ...options,
  });
  return {
    told,
    keys: actions.map(({ key }) => key),
    line: describeKeys(actions),
    press: async (pressed) => await actions.find(({ key }) => key === pressed)!.run(),
  };
}

function forwardingOf(kept?: number): NonNullable<SessionKeysOptions["forwarding"]> {
  let isPaused = false;
  return {
    isPaused: () => isPaused,
    pause: () => void (isPaused = true),
    resume: () => void (isPaused = false),
    kept: () => kept,
  };
}

test("all keys are told of on one line of 80 columns", () => {
  const { line } = startSession({ inspectorUrl: () => "http://localhost", forwarding: forwardingOf() });
  expect(line).toBe("keys: r replay · o inspector · d details · p pause · c clear · h help · q quit");
  expect(line.length).toBeLessThanOrEqual(80);
});

test("without an inspector there is no key for it, and without forwarding none to pause it", () => {
  expect(startSession().keys).toEqual(["r", "d", "c", "h", "q"]);
});

test.each(["r", "d"])("%s says so when there is no delivery", async (key) => {
  const session = startSession({ latest: () => Promise.resolve(undefined) });
  await session.press(key);
  expect(session.told).toEqual(["none"]);
});

describe("the inspector", () => {
  test("is opened at a URL of its own each time, which is told too", async () => {
    let tickets = 0;
    const session = startSession({ inspectorUrl: () => `http://localhost/#t=${++tickets}` });
    await session.press("o");
    await session.press("o");
    expect(session.told).toEqual([
      "inspector  http://localhost/#t=1",
      "opened http://localhost/#t=1",
      "inspector  http://localhost/#t=2",
      "opened http://localhost/#t=2",
    ]);
  });

  test("is left to the user where no browser can be opened", async () => {
    const session = startSession({
      inspectorUrl: () => "http://localhost/#t=1",
      openBrowser: () => Promise.resolve(false),
    });
    await session.press("o");
    expect(session.told).toEqual([
      "inspector  http://localhost/#t=1",
      expect.stringContaining("open the URL yourself"),
    ]);
  });
});

describe("p", () => {
  test("pauses, resumes, and says what Kinde is answered meanwhile", async () => {
    const forwarding = forwardingOf();
    const session = startSession({ forwarding });
    await session.press("p");
    expect(forwarding.isPaused()).toBe(true);
    await session.press("p");
    expect(forwarding.isPaused()).toBe(false);
    expect(session.told).toEqual([
      "paused: what comes is answered 503, and Kinde tries again; p resumes",
      "resumed: what comes is passed on again",
    ]);
  });

  test.each([
    [1, "resumed: your app gets what comes, and 1 webhook that was kept"],
    [2, "resumed: your app gets what comes, and 2 webhooks that were kept"],
    [0, "resumed: what comes is passed on again"],
  ])("with a shield it tells of %i that waited", async (kept, line) => {
    const session = startSession({ forwarding: forwardingOf(kept) });
    await session.press("p");
    await session.press("p");
    expect(session.told).toEqual(["paused: what comes is kept, and your app gets it later; p resumes", line]);
  });
});

test("an empty screen says which keys there are, and that forwarding is paused", async () => {
  const session = startSession({ forwarding: forwardingOf() });
  await session.press("p");
  await session.press("c");
  expect(session.told.slice(1)).toEqual(["keys", expect.stringContaining("paused")]);
});

test("what is shown of a delivery is what may be; what is sent is the recorded one", async () => {
  const session = startSession({
    shown: (delivery) => ({ ...delivery, id: "dlv_masked" }),
  });
  await session.press("d");
  await session.press("r");
  expect(session.told).toEqual(["all of dlv_masked", "sent dlv_1"]);
});

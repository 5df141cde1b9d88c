import { describe, expect, test } from "vitest";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { hasIpv6Loopback } from "../net/has-ipv6.ts";
import { idsAt, sendTo } from "./sender-at.ts";
import { startTestIntake, type TestIntake, type TestIntakeOptions } from "./test-intake.ts";

// Longer than any test: what ends a hold is the app, or what the test does.
const long = 60_000;

/** An intake whose app was seen not to listen when `refused` has resolved, and the port where it would. */
async function startWithoutApp(
  options: Partial<TestIntakeOptions> = {},
  host = "127.0.0.1",
): Promise<{ intake: TestIntake; port: number; refused: Promise<void> }> {
  const port = await findFreePort();
  let tell = (): void => {};
  const refused = new Promise<void>((resolve) => (tell = resolve));
  const intake = await startTestIntake({
    holdMs: long,
    onReach: (_, isListening) => {
      if (!isListening) tell();
    },
    forwards: [`http://${host}:${port}`],
    ...options,
  });
  return { intake, port, refused };
}

describe("a webhook that comes while the app restarts", () => {
  test.runIf(hasIpv6Loopback).each(["127.0.0.1", "::1"])(
    "is sent once, when something listens at localhost again, on %s only",
    async (host) => {
      const { intake, port, refused } = await startWithoutApp({}, "localhost");
      await using _ = intake;
      using sender = await sendTo(intake, "held");
      await refused;
      await using app = await startReceiver({ port, host });
      expect(await sender.answer).toMatchObject({ status: 200 });
      expect(idsAt(app)).toEqual(["held"]);
      expect(intake.kept).toMatchObject([
        { state: "delivered", attempts: [{ number: 1, status: 200, heldMs: expect.any(Number) as number }] },
      ]);
    },
  );

  test("is sent with all the others that came meanwhile, each once", async () => {
    const { intake, port, refused } = await startWithoutApp();
    await using _ = intake;
    const ids = Array.from({ length: 50 }, (__, index) => `wh-${index + 10}`);
    const senders = await Promise.all(ids.map((id) => sendTo(intake, id)));
    await refused;
    await using app = await startReceiver({ port });
    const answers = await Promise.all(senders.map(({ answer }) => answer));
    for (const sender of senders) sender[Symbol.dispose]();
    expect(new Set(answers.map((answer) => answer?.status))).toEqual(new Set([200]));
    expect(idsAt(app).toSorted((a, b) => a.localeCompare(b))).toEqual(ids);
  });

  test("waits for an app that comes and goes again", async () => {
    const { intake, port, refused } = await startWithoutApp();
    await using _ = intake;
    using first = await sendTo(intake, "one");
    await refused;
    {
      await using app = await startReceiver({ port });
      await first.answer;
      expect(idsAt(app)).toEqual(["one"]);
    }
    using second = await sendTo(intake, "two");
    await using app = await startReceiver({ port });
    expect(await second.answer).toMatchObject({ status: 200 });
    expect(idsAt(app)).toEqual(["two"]);
  });

  test("is answered 502 when the time is over", async () => {
    const { intake } = await startWithoutApp({ holdMs: 300 });
    await using _ = intake;
    using sender = await sendTo(intake, "held");
    expect(await sender.answer).toMatchObject({ status: 502, body: { length: 0 } });
    const [attempt] = intake.kept[0]!.attempts;
    expect(attempt).toMatchObject({ status: null, error: { code: "ERR_CONNECTION_REFUSED" } });
    expect(attempt?.heldMs).toBeGreaterThanOrEqual(290);
    expect(attempt?.heldMs).toBeGreaterThan(attempt!.durationMs);
  });

  test("is answered 502 at once with --hold 0, and was not held", async () => {
    const { intake } = await startWithoutApp({ holdMs: 0 });
    await using _ = intake;
    using sender = await sendTo(intake, "refused");
    expect(await sender.answer).toMatchObject({ status: 502 });
    expect(intake.kept[0]!.attempts[0]).not.toHaveProperty("heldMs");
  });

  test("is answered 503 when the tunnel ends, and Kinde tries again", async () => {
    const abort = new AbortController();
    const { intake, refused } = await startWithoutApp({ abort: abort.signal });
    await using _ = intake;
    using sender = await sendTo(intake, "held");
    await refused;
    abort.abort();
    expect(await sender.answer).toMatchObject({ status: 503 });
    expect(intake.kept).toMatchObject([{ state: "pending", attempts: [{ error: { code: "ERR_ABORTED" } }] }]);
  });
});

describe("what the app has begun to take", () => {
  const hang: Answer = () => {};
  const faults: [fault: string, answer: Answer, status: number, code: string][] = [
    ["is cut off", (response) => void response.destroy(), 502, "ERR_CONNECTION_CLOSED"],
    [
      "is cut off in its answer",
      (response) =>
        void response.writeHead(200, { "content-length": "9" }).write("part", () => response.destroy()),
      502,
      "ERR_CONNECTION_CLOSED",
    ],
    ["hangs", hang, 504, "ERR_TIMEOUT"],
  ];
  test.each(faults)("is never sent again, though it %s", async (_, answer, status, code) => {
    await using app = await startReceiver({ answers: [answer, 200] });
    // Only what never comes may be waited for in vain: the machine may be busy.
    const timeoutMs = answer === hang ? 500 : long;
    await using intake = await startTestIntake({ forwards: [app.url], holdMs: long, timeoutMs });
    using sender = await sendTo(intake, "once");
    expect(await sender.answer).toMatchObject({ status });
    expect(app.requests).toHaveLength(1);
    expect(intake.kept[0]!.attempts).toMatchObject([{ error: { code } }]);
    expect(intake.kept[0]!.attempts[0]).not.toHaveProperty("heldMs");
  });
});

describe("a sender that has gone", () => {
  test("is seen while its webhook is held, which is then not sent", async () => {
    const { intake, port, refused } = await startWithoutApp();
    await using _ = intake;
    {
      using __ = await sendTo(intake, "gone");
      await refused;
    }
    await expect.poll(() => intake.ended.length).toBe(1);
    await using app = await startReceiver({ port });
    using sender = await sendTo(intake, "stays");
    expect(await sender.answer).toMatchObject({ status: 200 });
    expect(idsAt(app)).toEqual(["stays"]);
    expect(intake.kept[0]).toMatchObject({
      webhookId: "gone",
      state: "pending",
      attempts: [{ status: null, error: { code: "ERR_SENDER_GONE" }, heldMs: expect.any(Number) as number }],
    });
  });

  test("shows by its next attempt: the one before is not sent, though its connection is open", async () => {
    const { intake, port, refused } = await startWithoutApp();
    await using _ = intake;
    using first = await sendTo(intake, "again");
    await refused;
    using second = await sendTo(intake, "again");
    expect(await first.answer).toMatchObject({ status: 502 });
    await using app = await startReceiver({ port });
    expect(await second.answer).toMatchObject({ status: 200 });
    expect(idsAt(app)).toEqual(["again"]);
    expect(intake.kept.at(-1)).toMatchObject({
      state: "delivered",
      attempts: [
        { number: 1, error: { code: "ERR_SENDER_GONE" } },
        { number: 2, status: 200 },
      ],
    });
  });

  test("without a webhook-id does not show by the next webhook", async () => {
    const { intake, port, refused } = await startWithoutApp();
    await using _ = intake;
    using first = await sendTo(intake, "");
    await refused;
    using second = await sendTo(intake, "");
    await using app = await startReceiver({ port });
    const answers = await Promise.all([first.answer, second.answer]);
    expect(answers).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(app.requests).toHaveLength(2);
  });
});

describe("a copy", () => {
  test("is held too, and sent though its sender has its answer and is gone", async () => {
    await using first = await startReceiver();
    const port = await findFreePort();
    await using intake = await startTestIntake({
      forwards: [first.url, `http://127.0.0.1:${port}`],
      holdMs: long,
    });
    {
      using sender = await sendTo(intake, "copied", { endpoints: 2 });
      expect(await sender.answer).toMatchObject({ status: 200 });
    }
    await using second = await startReceiver({ port });
    await Promise.all(intake.relay.copies);
    expect(idsAt(second)).toEqual(["copied"]);
  });
});

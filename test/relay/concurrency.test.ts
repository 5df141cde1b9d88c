import { describe, expect, test } from "vitest";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { idsAt, sendTo } from "./sender-at.ts";
import { startTestIntake } from "./test-intake.ts";

/** Answers when it is told to, one for each call of `release`. */
function createHeldAnswers(): { answer: Answer; release: (count: number) => void; most: () => number } {
  const held: (() => void)[] = [];
  let free = 0;
  let atOnce = 0;
  let most = 0;
  const next = (): void => {
    while (free > 0 && held.length > 0) {
      free--;
      held.shift()!();
    }
  };
  return {
    most: () => most,
    release: (count) => {
      free += count;
      next();
    },
    answer: (response) => {
      most = Math.max(most, ++atOnce);
      held.push(() => {
        atOnce--;
        response.end();
      });
      next();
    },
  };
}

const ids = ["one", "two", "three", "four", "five", "six"];

describe("--concurrency", () => {
  test("gives an endpoint so many at once, and the others their turn", async () => {
    const held = createHeldAnswers();
    await using app = await startReceiver({ answers: [held.answer] });
    await using intake = await startTestIntake({ forwards: [app.url], concurrency: 2 });
    const senders = [];
    for (const id of ids) senders.push(await sendTo(intake, id));
    await app.next();
    await app.next();
    held.release(ids.length);
    const answers = await Promise.all(senders.map(({ answer }) => answer));
    for (const sender of senders) sender[Symbol.dispose]();
    expect(answers.map((answer) => answer?.status)).toEqual(ids.map(() => 200));
    expect(held.most()).toBe(2);
    expect(idsAt(app)).toEqual(ids);
    const waited = intake.kept.map(({ attempts }) => attempts[0]?.queuedMs !== undefined);
    expect(waited).toEqual([false, false, true, true, true, true]);
  });

  test("of 1 keeps the order in which they came, of copies too, for each endpoint by itself", async () => {
    const [slow, slower] = [createHeldAnswers(), createHeldAnswers()];
    await using first = await startReceiver({ answers: [slow.answer] });
    await using copied = await startReceiver({ answers: [slower.answer] });
    await using intake = await startTestIntake({ forwards: [first.url, copied.url], concurrency: 1 });
    const senders = [];
    for (const id of ids) senders.push(await sendTo(intake, id, { endpoints: 2 }));
    slow.release(ids.length);
    await Promise.all(senders.map(({ answer }) => answer));
    for (const sender of senders) sender[Symbol.dispose]();
    expect(idsAt(first)).toEqual(ids);
    // The slower one has its first still.
    expect(idsAt(copied)).toEqual(["one"]);
    slower.release(ids.length);
    await Promise.all(intake.relay.copies);
    expect(idsAt(copied)).toEqual(ids);
    expect([slow.most(), slower.most()]).toEqual([1, 1]);
  });

  test("of 1 keeps the order of those that were held while the app restarted", async () => {
    const port = await findFreePort();
    const forwards = [`http://127.0.0.1:${port}`];
    await using intake = await startTestIntake({ forwards, concurrency: 1, holdMs: 60_000 });
    const senders = [];
    for (const id of ids) senders.push(await sendTo(intake, id));
    await using app = await startReceiver({ port });
    await Promise.all(senders.map(({ answer }) => answer));
    for (const sender of senders) sender[Symbol.dispose]();
    expect(idsAt(app)).toEqual(ids);
  });

  test("does not add up the holds of those behind one another", async () => {
    const forwards = [`http://127.0.0.1:${await findFreePort()}`];
    await using intake = await startTestIntake({ forwards, concurrency: 1, holdMs: 400 });
    const senders = [];
    for (const id of ids) senders.push(await sendTo(intake, id));
    const answers = await Promise.all(senders.map(({ answer }) => answer));
    for (const sender of senders) sender[Symbol.dispose]();
    expect(answers.map((answer) => answer?.status)).toEqual(ids.map(() => 502));
    const held = intake.kept.map(({ attempts }) => attempts[0]?.heldMs ?? 0);
    // All but the first have spent their time in waiting for their turn.
    expect(held.reduce((sum, ms) => sum + ms)).toBeLessThan(3 * 400);
  });

  test("has what waits count against the sender's patience, not against --timeout", async () => {
    const timeoutMs = 2_000;
    let begin = (): void => {};
    const allSent = new Promise<void>((resolve) => (begin = resolve));
    const answer: Answer = (response) =>
      void allSent.then(() => setTimeout(() => response.end(), timeoutMs * 0.4));
    await using app = await startReceiver({ answers: [answer] });
    await using intake = await startTestIntake({ forwards: [app.url], concurrency: 1, timeoutMs });
    const senders = [];
    for (const id of ids.slice(0, 4)) senders.push(await sendTo(intake, id));
    // However long it took to send them, the last waits for three answers.
    begin();
    const answers = await Promise.all(senders.map(({ answer: answered }) => answered));
    for (const sender of senders) sender[Symbol.dispose]();
    expect(answers.map((answered) => answered?.status)).toEqual([200, 200, 200, 200]);
    expect(intake.kept.at(-1)?.attempts[0]?.queuedMs).toBeGreaterThan(timeoutMs);
  });

  test("gives a turn on when the one before had no answer", async () => {
    await using app = await startReceiver({ answers: [(response) => void response.destroy(), 200] });
    await using intake = await startTestIntake({ forwards: [app.url], concurrency: 1 });
    using first = await sendTo(intake, "one");
    using second = await sendTo(intake, "two");
    expect(await first.answer).toMatchObject({ status: 502 });
    expect(await second.answer).toMatchObject({ status: 200 });
  });

  test("does not send what waits for its turn when its sender has gone", async () => {
    const held = createHeldAnswers();
    await using app = await startReceiver({ answers: [held.answer] });
    await using intake = await startTestIntake({ forwards: [app.url], concurrency: 1 });
    using first = await sendTo(intake, "at work");
    {
      using _ = await sendTo(intake, "gone");
    }
    await expect.poll(() => intake.kept.length).toBe(1);
    using last = await sendTo(intake, "stays");
    held.release(2);
    expect(await first.answer).toMatchObject({ status: 200 });
    expect(await last.answer).toMatchObject({ status: 200 });
    expect(idsAt(app)).toEqual(["at work", "stays"]);
    expect(intake.kept[0]?.attempts).toMatchObject([{ error: { code: "ERR_SENDER_GONE" } }]);
  });

  test("answers 503 when a hundred wait already: ERR_TOO_MANY_WAITING", async () => {
    const held = createHeldAnswers();
    await using first = await startReceiver();
    await using stuck = await startReceiver({ answers: [held.answer] });
    await using intake = await startTestIntake({ forwards: [first.url, stuck.url], concurrency: 1 });
    for (let index = 0; index < 102; index++) {
      using sender = await sendTo(intake, `wh-${index}`, { endpoints: 2 });
      await sender.answer;
    }
    const refused = intake.kept.filter(({ endpoint }) => endpoint === stuck.url);
    expect(refused.map(({ attempts }) => attempts[0]?.error?.code)).toEqual(["ERR_TOO_MANY_WAITING"]);
    held.release(101);
    await Promise.all(intake.relay.copies);
    expect(stuck.requests).toHaveLength(101);
  });
});

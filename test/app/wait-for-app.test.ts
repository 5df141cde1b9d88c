import { expect, test } from "vitest";
import { waitForApp } from "../../src/app/wait-for-app.ts";
import { createHeldClock } from "../delivery/held-clock.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { createJumpingClock } from "./jumping-clock.ts";

const never = new AbortController().signal;

test("an app that listens is not waited for, and not asked", async () => {
  await using receiver = await startReceiver();
  const clock = createHeldClock();
  await waitForApp(new URL(receiver.url), { limitMs: 60_000, clock, signal: never });
  expect(receiver.requests).toEqual([]);
});

test("an app that starts is waited for", async () => {
  const port = await findFreePort();
  const clock = createHeldClock();
  const steps: string[] = [];
  const waiting = waitForApp(new URL(`http://localhost:${port}/x`), {
    limitMs: 60_000,
    clock,
    signal: never,
  }).then(() => steps.push("found"));
  await expect.poll(() => clock.waiting).toBe(1);
  steps.push("starts");
  await using receiver = await startReceiver({ port });
  expect(receiver.port).toBe(port);
  await clock.advance(100);
  await waiting;
  expect(steps).toEqual(["starts", "found"]);
});

test("an app that never listens is ERR_APP_NOT_LISTENING, exit code 1", async () => {
  const url = new URL(`http://127.0.0.1:${await findFreePort()}`);
  await expect(
    waitForApp(url, { limitMs: 1_000, clock: createJumpingClock(), signal: never }),
  ).rejects.toMatchObject({
    code: "ERR_APP_NOT_LISTENING",
    exitCode: 1,
    message: expect.stringContaining(url.host),
  });
});

test("waiting ends with the signal's reason", async () => {
  const url = new URL(`http://127.0.0.1:${await findFreePort()}`);
  const clock = createHeldClock();
  const abort = new AbortController();
  const waiting = waitForApp(url, { limitMs: 60_000, clock, signal: abort.signal });
  await expect.poll(() => clock.waiting).toBe(1);
  const reason = new Error("interrupted");
  abort.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { KeyAction } from "../../../src/cli/keys/key-actions.ts";
import { createKeyRunner } from "../../../src/cli/keys/key-runner.ts";

interface Keyboard {
  /** Presses a key, so many milliseconds after the one before. */
  press(key: string, afterMs: number): void;
  readonly errors: readonly unknown[];
}

function createKeyboard(actions: Readonly<Record<string, () => void | Promise<void>>>): Keyboard {
  const errors: unknown[] = [];
  let now = 0;
  const table = Object.entries(actions).map(([key, run]): KeyAction => ({ key, label: key, help: key, run }));
  const run = createKeyRunner(
    [...table, { key: "h", alias: "?", label: "", help: "", run: actions["h"] ?? (() => {}) }],
    {
      now: () => now,
      onError: (error) => void errors.push(error),
    },
  );
  return {
    errors,
    press: (key, afterMs) => {
      now += afterMs;
      run(key);
    },
  };
}

test("a key that is held down is one press", async () => {
  let count = 0;
  const keyboard = createKeyboard({ r: () => void count++ });
  for (let repeat = 0; repeat < 50; repeat++) {
    keyboard.press("r", 33);
    await turn();
  }
  expect(count).toBe(1);
});

test("a key that is pressed again is done again", async () => {
  let count = 0;
  const keyboard = createKeyboard({ p: () => void count++ });
  keyboard.press("p", 0);
  await turn();
  keyboard.press("p", 300);
  await turn();
  expect(count).toBe(2);
});

test("another key need not wait", () => {
  const done: string[] = [];
  const keyboard = createKeyboard({ c: () => void done.push("c"), d: () => void done.push("d") });
  keyboard.press("c", 0);
  keyboard.press("d", 1);
  expect(done).toEqual(["c", "d"]);
});

test("what is still being done is not begun again, and other keys are", async () => {
  const done: string[] = [];
  let finish = (): void => {};
  const keyboard = createKeyboard({
    r: async () => {
      done.push("r");
      await new Promise<void>((resolve) => (finish = resolve));
    },
    d: () => void done.push("d"),
  });
  keyboard.press("r", 0);
  keyboard.press("r", 10_000);
  keyboard.press("d", 10_000);
  expect(done).toEqual(["r", "d"]);
  finish();
  await turn();
  keyboard.press("r", 10_000);
  expect(done).toEqual(["r", "d", "r"]);
});

test("a key has another name", () => {
  let count = 0;
  const keyboard = createKeyboard({});
  keyboard.press("x", 0);
  const helped = createKeyboard({ h: () => void count++ });
  helped.press("?", 1_000);
  expect([count, keyboard.errors]).toEqual([1, []]);
});

test("what goes wrong is told, and the key works again", async () => {
  const keyboard = createKeyboard({ r: () => Promise.reject(new Error("nothing there")) });
  keyboard.press("r", 0);
  await turn();
  keyboard.press("r", 1_000);
  await turn();
  expect(keyboard.errors).toMatchObject([{ message: "nothing there" }, { message: "nothing there" }]);
});

/** Does what a key stands for: once for each press of it, and never twice at the same time. */
import type { KeyAction } from "./key-actions.ts";

export interface KeyRunnerOptions {
  /** Milliseconds, from whatever moment. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

// Slower than a key that is held repeats, faster than a finger: what comes sooner is no press of its own.
const quietMs = 150;

/** @returns takes a key that was pressed */
export function createKeyRunner(
  actions: readonly KeyAction[],
  { now, onError }: KeyRunnerOptions,
): (key: string) => void {
  const running = new Set<KeyAction>();
  let latest: { readonly key: string; readonly at: number } | undefined;

  const run = async (action: KeyAction): Promise<void> => {
    running.add(action);
    try {
      await action.run();
    } catch (error) {
      onError(error);
    } finally {
      running.delete(action);
    }
  };
  return (key) => {
    const at = now();
    const isHeld = latest?.key === key && at - latest.at < quietMs;
    latest = { key, at };
    const action = actions.find((each) => each.key === key || each.alias === key);
    if (action !== undefined && !isHeld && !running.has(action)) void run(action);
  };
}

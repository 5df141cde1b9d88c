// A test that holds the global timers, to move the time of its app, does not hold this.
import { setImmediate } from "node:timers";

/** Resolves when what has come in meanwhile has been looked at: between two steps of long work a request may be answered. */
export async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

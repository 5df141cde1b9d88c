import { expect } from "vitest";

/** Expects something of what becomes true sooner or later: the machine may be busy. */
export function eventually<Value>(read: () => Value): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(read, { timeout: 20_000, interval: 10 });
}

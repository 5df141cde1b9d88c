import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { linkAbort } from "../../src/net/linked-abort.ts";

describe("a linked signal", () => {
  test("is aborted with the one that it is linked to, for its reason", () => {
    const longer = new AbortController();
    const { signal } = linkAbort(longer.signal);
    longer.abort("closed");
    expect(signal.reason).toBe("closed");
  });

  test("of one that is aborted already is so from the start", () => {
    expect(linkAbort(AbortSignal.abort("closed")).signal.reason).toBe("closed");
  });

  test("is aborted by itself, which the other does not hear", () => {
    const longer = new AbortController();
    const linked = linkAbort(longer.signal);
    linked.abort("lost");
    expect(linked.signal.reason).toBe("lost");
    expect(longer.signal.aborted).toBe(false);
  });

  test("that was let go of outlives the other", () => {
    const longer = new AbortController();
    const linked = linkAbort(longer.signal);
    linked.unlink();
    longer.abort();
    expect(linked.signal.aborted).toBe(false);
  });
});

test("a thousand of them are one listener of the longer one", () => {
  const longer = new AbortController();
  for (let linked = 0; linked < 1_000; linked++) linkAbort(longer.signal).unlink();
  expect(getEventListeners(longer.signal, "abort")).toHaveLength(1);
});

import { expect, test } from "vitest";
import { startMockKinde } from "../../src/index.ts";
import { readSignal } from "../../src/testing/read-signal.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";

/** A signal of a class of its own, as some test environments have. */
class ForeignSignal extends EventTarget {
  aborted = false;
  reason: unknown = undefined;
  listeners = 0;
  override addEventListener(...args: Parameters<EventTarget["addEventListener"]>): void {
    this.listeners++;
    super.addEventListener(...args);
  }
  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    this.dispatchEvent(new Event("abort"));
  }
}

test("an AbortSignal is taken as it is", () => {
  const { signal } = new AbortController();
  expect(readSignal(signal, "emit")).toBe(signal);
  expect(readSignal(undefined, "emit")).toBeUndefined();
});

test.each([null, "abort", {}, { aborted: false }, new AbortController(), new EventTarget()])(
  "%j is no signal: ERR_INVALID_OPTION",
  (value) => {
    expect(() => readSignal(value, "emit")).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_OPTION", option: "signal of emit" }),
    );
  },
);

test("a signal of another class is heard, with its reason, by one listener for all calls", () => {
  const foreign = new ForeignSignal();
  const [first, second] = [readSignal(foreign, "emit"), readSignal(foreign, "waitFor")];
  expect(foreign.listeners).toBe(1);
  expect(first?.aborted).toBe(false);
  const reason = new Error("enough");
  foreign.abort(reason);
  expect([first?.reason, second?.reason]).toEqual([reason, reason]);
  const late = new ForeignSignal();
  late.abort(reason);
  expect(readSignal(late, "emit")?.reason).toBe(reason);
});

test("it cuts off an emit, and ends a wait", async () => {
  await using hanging = await startReceiver({ answers: [() => {}] });
  await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: hanging.url }] });
  const foreign = new ForeignSignal();
  const signal = foreign as unknown as AbortSignal;
  const waiting = kinde.waitFor("user.created", { signal }).catch((reason: unknown) => reason);
  const emitting = kinde.emit("user.created", { signal });
  await hanging.next();
  foreign.abort("enough");
  expect(await emitting).toMatchObject({ failedReason: "cancelled" });
  expect(await waiting).toBe("enough");
});

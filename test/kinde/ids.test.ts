import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createEventId, createIdempotencyKey, createWebhookId } from "../../src/kinde/ids.ts";

const zeros = (size: number): Uint8Array => new Uint8Array(size);

test("an event id is `event_`, 12 hex of the Unix milliseconds and 20 random hex", () => {
  // The time inside the id of a captured token.
  const now = Number.parseInt("018f331a3178", 16);
  const bytes = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, index) => index + 0xf0);
  expect(createEventId({ now, randomBytes: bytes })).toBe("event_018f331a3178f0f1f2f3f4f5f6f7f8f9");
});

test("an event id has 32 hex up to the year 10889, and ids sort as the times they were made at", () => {
  const time = fc.nat(2 ** 48 - 1);
  fc.assert(
    fc.property(time, time, (a, b) => {
      const [first, second] = [a, b].map((now) => createEventId({ now, randomBytes: zeros }));
      expect(first).toMatch(/^event_[\da-f]{32}$/);
      expect(first! < second!).toBe(a < b);
    }),
  );
});

test("an idempotency key is 32 hex, a webhook id `webhook_` and 32 hex", () => {
  expect(createIdempotencyKey(randomBytes)).toMatch(/^[\da-f]{32}$/);
  expect(createWebhookId(randomBytes)).toMatch(/^webhook_[\da-f]{32}$/);
});

test("ids made at one moment differ by their random part", () => {
  const made = Array.from({ length: 100 }, () => [
    createEventId({ now: 0, randomBytes }),
    createIdempotencyKey(randomBytes),
    createWebhookId(randomBytes),
  ]);
  expect(new Set(made.flat())).toHaveLength(300);
});

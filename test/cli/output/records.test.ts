import fc from "fast-check";
import { expect, test } from "vitest";
import { deliveryRecord } from "../../../src/cli/output/records.ts";
import type { Delivery } from "../../../src/delivery/delivery.ts";

function deliveryAnswered(body: string, truncated = false): Delivery {
  return {
    id: "dlv_1",
    direction: "emitted",
    webhookId: "id",
    endpoint: "http://localhost:3000/",
    event: null,
    token: "a.b.c",
    verification: { status: "verified", kid: "1", issuer: "http://localhost:4455" },
    state: "failed",
    nextAttemptAt: null,
    failedReason: "not_delivered",
    createdAt: "2026-08-01T12:00:00.000Z",
    attempts: [
      {
        number: 1,
        startedAt: "2026-08-01T12:00:00.000Z",
        durationMs: 1,
        plannedDelayMs: 0,
        status: 500,
        error: null,
        request: { method: "POST", url: "http://localhost:3000/", headers: {} },
        response: { headers: {}, body, truncated },
      },
    ],
  };
}

test("a body is a beginning of what was answered, at most 1 KiB, and says whether it was cut", () => {
  const body = fc.string({ unit: "grapheme", minLength: 0, maxLength: 1_500, size: "max" });
  fc.assert(
    fc.property(body, (text) => {
      const shown = deliveryRecord(deliveryAnswered(text), undefined, false).attempts[0]!.response!;
      const bytes = Buffer.byteLength(shown.body);
      expect(text.startsWith(shown.body)).toBe(true);
      expect(shown.truncated).toBe(shown.body !== text);
      // No more is left out than the one character that would have been cut: four bytes at most.
      expect(bytes).toBeLessThanOrEqual(1024);
      expect(bytes).toBeGreaterThan(shown.truncated ? 1020 : -1);
    }),
  );
});

test("a body that was cut when it was received stays so", () => {
  const { attempts } = deliveryRecord(deliveryAnswered("short", true), undefined, false);
  expect(attempts[0]!.response).toMatchObject({ body: "short", truncated: true });
});

test("the token is there only where it was asked for, and the hint where there is one", () => {
  expect(deliveryRecord(deliveryAnswered(""), undefined, false)).not.toHaveProperty("token");
  expect(deliveryRecord(deliveryAnswered(""), undefined, false)).not.toHaveProperty("hint");
  expect(deliveryRecord(deliveryAnswered(""), "look", true)).toMatchObject({ token: "a.b.c", hint: "look" });
});

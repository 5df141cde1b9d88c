import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseDelivery } from "../../src/history/parse-delivery.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";

test("gives back what was written", () => {
  const delivery = sampleDelivery({ attempts: [sampleAttempt()], isShielded: true, fault: "cut-body" });
  expect(parseDelivery(JSON.stringify(delivery))).toEqual(delivery);
});

test("keeps members that only a later version knows", () => {
  const delivery = { ...sampleDelivery(), mood: "fine", attempts: [{ ...sampleAttempt(), colour: "red" }] };
  expect(parseDelivery(JSON.stringify(delivery))).toEqual(delivery);
});

describe("a record of an older version", () => {
  const lines = readFileSync(new URL("fixtures/older-records.ndjson", import.meta.url), "utf8")
    .trim()
    .split("\n");

  test("has what was added since by its default", () => {
    expect(lines.map((line) => parseDelivery(line))).toEqual([
      sampleDelivery({
        id: "dlv_0000000000000000000000000000000a",
        webhookId: null,
        event: { ...sampleDelivery().event!, source: null },
        state: "delivered",
        attempts: [
          sampleAttempt({
            request: { method: "POST", url: "http://127.0.0.1:3000/api/webhook", headers: {} },
            response: { headers: {}, body: "ok", truncated: false },
          }),
        ],
      }),
      sampleDelivery({
        id: "dlv_0000000000000000000000000000000b",
        direction: "relayed",
        event: null,
        attempts: [sampleAttempt({ durationMs: 0, status: null, response: null })],
      }),
    ]);
  });
});

describe("what is no delivery is said to be", () => {
  const { id: _, ...withoutId } = sampleDelivery();
  test.each([
    ["damaged", "half a line", '{"id":"dlv_1","direction":"em'],
    ["damaged", "text", "what is this"],
    ["damaged", "NUL", "\0\0\0"],
    ["another-format", "a number", "42"],
    ["another-format", "null", "null"],
    ["another-format", "a list", "[]"],
    ["another-format", "an empty object", "{}"],
    ["another-format", "without an id", JSON.stringify(withoutId)],
    ["another-format", "of an unknown state", withMember("state", "scheduled")],
    ["another-format", "of an unknown direction", withMember("direction", "up")],
    ["another-format", "without a token", withMember("token", undefined)],
    ["another-format", "with attempts that are a number", withMember("attempts", 3)],
    ["another-format", "with an attempt that is text", withMember("attempts", ["200"])],
    [
      "another-format",
      "with an attempt of no time",
      withMember("attempts", [{ number: 1, startedAt: "soon" }]),
    ],
    [
      "another-format",
      "with an attempt that took a word",
      withMember("attempts", [{ ...sampleAttempt(), durationMs: "long" }]),
    ],
    [
      "another-format",
      "with an attempt that ends after the end of time",
      withMember("attempts", [{ ...sampleAttempt(), durationMs: 1e300 }]),
    ],
    ["another-format", "of no time", withMember("createdAt", "yesterday")],
    ["another-format", "with an event that is text", withMember("event", "user.created")],
    [
      "another-format",
      "of a version whose records lie deeper",
      JSON.stringify({ v: 2, delivery: sampleDelivery() }),
    ],
  ])("%s: %s", (reason, _what, line) => {
    expect(parseDelivery(line)).toBe(reason);
  });
});

function withMember(name: string, value: unknown): string {
  return JSON.stringify({ ...sampleDelivery(), [name]: value });
}

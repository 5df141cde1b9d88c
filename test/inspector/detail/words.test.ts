import { expect, test } from "vitest";
import { asSentence } from "../../../src/inspector/page/as-sentence.ts";
import { standingOf } from "../../../src/inspector/page/detail/delivery-words.ts";
import {
  formatAge,
  formatDuration,
  formatRough,
  formatTime,
  readTimestamp,
} from "../../../src/inspector/page/times.ts";
import { visibleText } from "../../../src/inspector/page/visible-text.ts";
import { sampleAttempt, sampleDelivery } from "../../delivery/sample-delivery.ts";

test.each([
  [0.04, "0 ms"],
  [0.44, "0.4 ms"],
  [12.4, "12 ms"],
  [1_940, "1.9 s"],
  [40_400, "40 s"],
  [65_000, "1 min 5 s"],
  [119_900, "2 min"],
  [15_000_000, "4 h 10 min"],
])("%d ms are said as %s", (durationMs, words) => {
  expect(formatDuration(durationMs)).toBe(words);
});

test.each([
  [0, "0 s"],
  [59_999, "59 s"],
  [119_900, "1 min"],
  [36 * 3_600_000, "36 h"],
  [72 * 3_600_000, "3 d"],
])("%d ms are roughly %s", (durationMs, words) => {
  expect(formatRough(durationMs)).toBe(words);
});

test("what was within three seconds was now", () => {
  expect([2_999, 3_000].map(formatAge)).toEqual(["now", "3 s"]);
});

test("a time of today is its clock, another has its day, and one of another year its year", () => {
  const now = new Date(2026, 10, 22, 23, 59);
  expect(formatTime(new Date(2026, 10, 22, 4, 5, 6), now)).toBe("04:05:06");
  expect(formatTime(new Date(2026, 10, 21, 4, 5, 6), now)).toBe("21 Nov 04:05:06");
  expect(formatTime(new Date(2025, 10, 22, 4, 5, 6), now)).toBe("22 Nov 2025 04:05:06");
});

test.each([
  ["2024-07-09T02:29:08.242969+10:00", "2024-07-08T16:29:08.242Z"],
  ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"],
  ["2026-01-02T03:04:05+11", "2026-01-01T16:04:05.000Z"],
  ["2026-01-02T03:04:05-0330", "2026-01-02T06:34:05.000Z"],
  ["2026-01-02T03:04:05", undefined],
  ["2026-13-02T03:04:05Z", undefined],
  ["2026", undefined],
  ["kp_2026-01-02T03:04:05Z", undefined],
])("%s is the time %s", (text, expected) => {
  expect(readTimestamp(text)?.toISOString()).toBe(expected);
});

test("what can't be seen, or turns the writing round, is written out", () => {
  expect(visibleText("a\u202eb\u0000c\nd\u200be\u{e0041}")).toBe(
    "a\\u202eb\\u0000c\\nd\\u200be\\udb40\\udc41",
  );
  expect(visibleText("Ñandú 日本語 שלום 🙂")).toBe("Ñandú 日本語 שלום 🙂");
});

test.each([
  ["the table is missing", "The table is missing."],
  ["no route answers /x: is it your app?", "No route answers /x: is it your app?"],
  ["It is old.", "It is old."],
  ['"no such table"; see your app\'s own output', '"no such table"; see your app\'s own output.'],
])("the line %s reads as the sentence %s", (line, sentence) => {
  expect(asSentence(line)).toBe(sentence);
});

test.each([
  [{ state: "delivered" }, "good", "Delivered"],
  [{ state: "failed", failedReason: "exhausted" }, "bad", "no attempt left"],
  [{ state: "failed", failedReason: "not_delivered" }, "bad", "Not delivered"],
  [{ state: "pending" }, "waiting", "On its way"],
  [{ state: "pending", direction: "relayed", attempts: [sampleAttempt()] }, "waiting", "Kinde tries again"],
  [
    { state: "pending", direction: "relayed", isShielded: true, attempts: [sampleAttempt()] },
    "waiting",
    "tried again from here",
  ],
  [{ state: "failed", failedReason: "not_delivered", verdict: "pass" }, "good", "as a correct handler does"],
] as const)("a delivery with %o stands %s", (members, tone, words) => {
  expect(standingOf(sampleDelivery(members))).toEqual({ tone, words: expect.stringContaining(words) });
});

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createKindeRecord, describeExpected, describeKinde } from "../../../src/cli/output/expectation.ts";
import { aboutTime } from "../../../src/cli/output/format.ts";
import { sampleAttempt } from "../../delivery/sample-delivery.ts";

const [second, minute, hour] = [1_000, 60_000, 3_600_000];
// A Thursday, at a time of day of this machine's, whatever its zone.
const now = new Date(2026, 0, 1, 14, 30).getTime();
const isoIn = (ms: number): string => new Date(now + ms).toISOString();
const plain = (_colour: string, text: string): string => text;

beforeEach(() => void vi.useFakeTimers({ now, toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

test.each([
  [-hour, "in about 1 s"],
  [4_200, "in about 5 s"],
  [99 * second, "in about 99 s"],
  [2 * minute, "about 14:32"],
  [9 * hour, "about 23:30"],
  [12 * hour, "about Fri 02:30"],
  [72 * hour, "about Sun 14:30"],
])("a time that nobody knows exactly, %i ms ahead, is told as %s", (ms, told) => {
  expect(aboutTime(isoIn(ms), now)).toBe(told);
});

describe("behind an answer", () => {
  test.each([
    [500, 2 * minute, 72 * hour, "Kinde tries again about 14:32 (attempt 4)"],
    [null, 2 * minute, 60 * hour + 1, "Kinde tries again about 14:32 (attempt 4)"],
    [
      null,
      2 * minute,
      48 * hour,
      "Kinde tries again about 14:32 (attempt 4); Kinde disables the webhook about Sat 14:30",
    ],
    [
      500,
      2 * minute,
      -hour,
      "Kinde tries again about 14:32 (attempt 4); Kinde disables the webhook at any failure now",
    ],
    [204, 2 * minute, 48 * hour, "Kinde may try again about 14:32 (attempt 4)"],
    [500, undefined, 72 * hour, "Kinde tries it no more, by our reading of its schedule"],
  ])("of %s stands what is to be expected (%s, %s)", (status, nextMs, disabledMs, told) => {
    const expected = {
      nextAttemptAt: nextMs === undefined ? null : isoIn(nextMs),
      disabledAt: isoIn(disabledMs),
    };
    expect(describeExpected(sampleAttempt({ number: 3, status }), expected, plain)).toBe(`  ${told}`);
  });

  test("stands nothing where nothing is to be expected", () => {
    expect(describeExpected(sampleAttempt({ status: 500 }), undefined, plain)).toBe("");
  });
});

describe("at the end of a tunnel", () => {
  const url = "https://devhook.loca.lt";
  const since = now - 24 * hour;

  test.each([
    [
      3,
      2 * minute,
      since,
      "3 events still failing, next try about 14:32; it disables the webhook about Sat 14:30, unless one is delivered before.",
    ],
    [1, 2 * second, undefined, "1 event still failing, next try in about 2 s."],
    [
      1,
      2 * second,
      now - 80 * hour,
      "1 event still failing, next try in about 2 s; it disables the webhook at any failure now, unless one is delivered before.",
    ],
    [
      0,
      undefined,
      undefined,
      "until the next `tunnel` its webhooks fail, and are tried again for about 29 hours.",
    ],
  ])("of %i that fail it is told what Kinde does now", (count, nextMs, failingSince, told) => {
    const nextAttemptAt = nextMs === undefined ? undefined : now + nextMs;
    const record = createKindeRecord(url, { isCalled: true, count, nextAttemptAt, since: failingSince });
    expect(describeKinde(record)).toBe(`Kinde keeps calling this URL: ${told}`);
  });

  test("a URL that nothing of Kinde's ever came to is perhaps not Kinde's", () => {
    const record = createKindeRecord(url, {
      isCalled: false,
      count: 0,
      nextAttemptAt: undefined,
      since: undefined,
    });
    expect(record).toEqual({
      record: "kinde",
      url,
      isCalled: false,
      failing: 0,
      nextAttemptAt: null,
      failingSince: null,
      disabledAt: null,
    });
    expect(describeKinde(record)).toMatch(/^If Kinde has this URL, /);
  });
});

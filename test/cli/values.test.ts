import { validateHeaderName, validateHeaderValue } from "node:http";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  duration,
  headerLine,
  headerValue,
  holdTime,
  nonEmpty,
  oneOf,
  originUrl,
  pastTime,
  rate,
  wholeNumber,
} from "../../src/cli/values.ts";

type Read = (text: string, option: string) => unknown;

const tables: [name: string, read: Read, accepted: [text: string, value: unknown][], refused: string[]][] = [
  [
    "a whole number",
    wholeNumber(1, 65_535),
    [
      ["1", 1],
      ["65535", 65_535],
      ["0042", 42],
    ],
    [
      "",
      "0",
      "65536",
      "-1",
      "+1",
      "1.0",
      "1e3",
      "0x10",
      " 1",
      "1 ",
      "1,000",
      "١",
      "NaN",
      "Infinity",
      "9".repeat(400),
    ],
  ],
  [
    "a duration",
    duration,
    [
      ["30s", 30_000],
      ["30", 30_000],
      ["1.5", 1_500],
      ["500ms", 500],
      ["1ms", 1],
      ["2m", 120_000],
      ["60m", 3_600_000],
    ],
    [
      "",
      "0",
      "0.5ms",
      "61m",
      "1h",
      "-1s",
      "s",
      "1 s",
      "1e3",
      "1S",
      ".5s",
      "1.s",
      "infinity",
      "9".repeat(400),
    ],
  ],
  [
    "a time to hold",
    holdTime,
    [
      ["10s", 10_000],
      ["10", 10_000],
      ["0", 0],
      ["0s", 0],
      ["0.5ms", 0.5],
      ["60s", 60_000],
      ["1m", 60_000],
    ],
    ["", "61s", "60001ms", "-1", "1h", "off", "1 s"],
  ],
  [
    "a time that has been",
    pastTime,
    [
      ["2026-01-02T03:04:05.678Z", Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
      ["2026-01-02T03:04+01:00", Date.UTC(2026, 0, 2, 2, 4)],
      // By the clock of this machine, as the terminal shows times.
      ["2026-01-02", new Date(2026, 0, 2).getTime()],
      ["2026-01-02T03:04", new Date(2026, 0, 2, 3, 4).getTime()],
      ["2026-01-02 03:04:05", new Date(2026, 0, 2, 3, 4, 5).getTime()],
    ],
    ["", "0", "2", "yesterday", "2h ago", "-2h", "2999-01-01", "2026-13-01", "2026-01", "01/02/2026", "1e3h"],
  ],
  [
    "a rate",
    rate,
    [
      ["5", 5],
      ["5/s", 5],
      ["0.5/s", 0.5],
      ["30/m", 0.5],
    ],
    ["", "0", "0/s", "-5/s", "5/h", "5 /s", "/s", "1e2", "100001", "9".repeat(400)],
  ],
  [
    "a text",
    nonEmpty,
    [
      ["x", "x"],
      [" ", " "],
    ],
    [""],
  ],
  [
    "a header's value",
    headerValue,
    [
      ["drill", "drill"],
      ["~!\"'\\", "~!\"'\\"],
      ["x".repeat(256), "x".repeat(256)],
    ],
    ["", "two words", "tab\t", "line\nline", "ü", "\u001b", "x".repeat(257)],
  ],
  ["one of several words", oneOf("token", "curl"), [["curl", "curl"]], ["", "Token", "toke", "constructor"]],
];

describe.each(tables)("%s", (_name, read, accepted, refused) => {
  test.each(accepted)("reads %j", (text, value) => {
    expect(read(text, "--option")).toBe(value);
  });

  test.each(refused.map((text) => [text]))(
    "refuses %j and names the option, what it expects, and what it got",
    (text) => {
      expect(() => read(text, "--option")).toThrow(
        expect.objectContaining({
          code: "ERR_INVALID_OPTION",
          option: "--option",
          got: text === "" ? "nothing" : JSON.stringify(text),
        }),
      );
    },
  );

  test("is a number of those it takes, or the text itself, or refused with the code, whatever the text", () => {
    const least = Math.min(...accepted.map(([, value]) => Number(value)));
    const texts = fc.oneof(fc.string(), fc.float().map(String), fc.integer().map(String));
    const readOrCode = (text: string): unknown => {
      try {
        return read(text, "--option");
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    fc.assert(
      fc.property(texts, (text) => {
        const value = readOrCode(text);
        const isRight =
          typeof value === "number"
            ? value > 0 || (value === 0 && least === 0)
            : [text, "ERR_INVALID_OPTION"].includes(String(value));
        expect([value, isRight]).toEqual([value, true]);
      }),
    );
  });
});

describe("an origin", () => {
  test.each([
    ["https://hooks.example.com", "https://hooks.example.com"],
    ["https://hooks.example.com/", "https://hooks.example.com"],
    ["hooks.example.com", "https://hooks.example.com"],
    ["hooks.example.com:8443", "https://hooks.example.com:8443"],
    ["http://localhost:4460", "http://localhost:4460"],
    ["http://[::1]:4460", "http://[::1]:4460"],
    ["HTTPS://HOOKS.example.com", "https://hooks.example.com"],
    ["https://hooks.example.com:443", "https://hooks.example.com"],
  ])("reads %j as %s", (text, origin) => {
    expect(originUrl(text, "--host").origin).toBe(origin);
  });

  test.each([
    [""],
    ["https://hooks.example.com/path"],
    ["https://hooks.example.com/?query"],
    ["https://hooks.example.com/#hash"],
    ["https://user@hooks.example.com"],
    ["https://user:password@hooks.example.com"],
    ["ws://hooks.example.com"],
    ["ftp://hooks.example.com"],
    ["file:///tmp"],
    ["https://"],
    ["https://host:99999"],
    ["two words"],
    ["/path"],
  ])("refuses %j and names the option", (text) => {
    expect(() => originUrl(text, "--host")).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_OPTION", option: "--host" }),
    );
  });
});

describe("a header", () => {
  test.each<[text: string, name: string, value: string]>([
    ["X-Env: dev", "X-Env", "dev"],
    ["X-Env:dev", "X-Env", "dev"],
    ["X-Env:\t dev", "X-Env", "dev"],
    ["X-Env:", "X-Env", ""],
    ["x: two words: and a colon", "x", "two words: and a colon"],
    ["authorization: Bearer abc", "authorization", "Bearer abc"],
    ["!#$%&'*+.^`|~_-1: x", "!#$%&'*+.^`|~_-1", "x"],
  ])("reads %j", (text, name, value) => {
    expect(headerLine(text, "--header")).toEqual([name, value]);
  });

  test.each([
    [""],
    ["X-Env"],
    [": dev"],
    ["X Env: dev"],
    ["X-Env : dev"],
    ["X-Env: dev\r\nX-Other: x"],
    ["X-Env: dev\n"],
    ["X-Env: \u0000"],
    ["X-Env: \u001b[31m"],
    ["X-Env: ü"],
    ["Ü: x"],
    ["Host: x"],
    ["host:x"],
    ["Content-Length: 5"],
    ["TRANSFER-ENCODING: chunked"],
    ["Connection: close"],
  ])("refuses %j and names the option", (text) => {
    expect(() => headerLine(text, "--header")).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_OPTION", option: "--header" }),
    );
  });

  const readOrCode = (text: string): readonly string[] | string | undefined => {
    try {
      return headerLine(text, "--header");
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };

  test("is refused, or can be sent as it was read, whatever the text", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: "binary" }), (name, value) => {
        const read = readOrCode(`${name}:${value}`);
        if (read === "ERR_INVALID_OPTION") return;
        expect(read).toHaveLength(2);
        validateHeaderName(read![0]!);
        validateHeaderValue(read![0]!, read![1]!);
      }),
    );
  });
});

test.each([
  ["30s", 30_000],
  ["2h", 7_200_000],
  ["0.5d", 43_200_000],
  ["0s", 0],
])("%s is a time ago", (text, agoMs) => {
  const before = Date.now();
  const at = pastTime(text, "--since");
  expect(at).toBeGreaterThanOrEqual(before - agoMs);
  expect(at).toBeLessThanOrEqual(Date.now() - agoMs);
});

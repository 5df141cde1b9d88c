import { describe, expect, test } from "vitest";
import { createTextMask, maskPatterns } from "../../src/kinde/text-mask.ts";

const maskText = createTextMask([
  { text: "ada.lovelace@example.com", mask: "[email]" },
  { text: "Ada", mask: "[name]" },
  { text: "Lovelace", mask: "[name]" },
  { text: "Zoë O'Neil", mask: "[name]" },
  { text: "李", mask: "[name]" },
  { text: "-", mask: "[name]" },
  { text: "+61 412 345 678", mask: "[phone]" },
  { text: "12 Analytical Way, London", mask: "[address]" },
]);

describe("what an event tells of a person is masked", () => {
  test.each([
    ["as it is", "Hello Ada", "Hello [name]"],
    ["in other letters", "ADA LOVELACE", "[name] [name]"],
    ["within a URL", "/u/ada.lovelace%40example.com?n=Ada%20Lovelace", "/u/[email]?n=[name]%20[name]"],
    [
      "right behind an escape",
      String.raw`%2FAda \nAda \u000aAda`,
      String.raw`%2F[name] \n[name] \u000a[name]`,
    ],
    ["escaped for a URL twice", "to%2540=ada.lovelace%2540example.com", "to%2540=[email]"],
    ["escaped in JSON", String.raw`{"to":"ada.lovelace\u0040example.com"}`, '{"to":"[email]"}'],
    ["in JSON within JSON", String.raw`"{\"n\":\"Zo\\u00eb O'Neil\"}"`, String.raw`"{\"n\":\"[name]\"}"`],
    ["escaped in HTML", "<b>Zo&#235; O&#x27;Neil</b>", "<b>[name]</b>"],
    ["in a form", "name=Zo%C3%AB+O%27Neil&x=1", "name=[name]&x=1"],
    ["in a header that holds UTF-8", Buffer.from("Zoë O'Neil").toString("latin1"), "[name]"],
    ["in decomposed letters", "Zoë O'Neil".normalize("NFD"), "[name]"],
    ["joined by a sign", "ada_lovelace ada-lovelace.pdf", "[name]_[name] [name]-[name].pdf"],
    ["written as one", "adalovelace AdaLovelace ada1815", "[name][name] [name][name] [name]1815"],
    ["where words stand together", "李先生", "[name]先生"],
    ["a phone in other groups", "0061-412-345-678 or +61(412)345678", "[phone] or [phone]"],
    ["as e-mail, with the name in it", '"Ada" <ada.lovelace@example.com>', '"[name]" <[email]>'],
  ])("%s", (_how, text, expected) => {
    expect(maskText(text)).toBe(expected);
  });

  test("and stays masked, whatever is masked again", () => {
    const named = createTextMask([{ text: "name", mask: "[name]" }]);
    expect(named(named("my name is [email]"))).toBe("my [name] is [email]");
  });
});

test("who is called like an id is masked all the same", () => {
  const masked = createTextMask([{ text: "user_deadbeefcafe1", mask: "[name]" }]);
  expect(masked("no user_deadbeefcafe1")).toBe("no [name]");
});

test.each([
  ["a short name within a word", "Adapter, Canada"],
  ["what is no letter, digit or sign", "a-b"],
  ["an id that holds a name by chance", "kp_ada28d71bba14fa380d56d2d8d3503da"],
  ["a UUID", "ada4a1b8-8d4e-4f60-9b7c-0d1e2f3a4b5c"],
])("%s stays", (_what, text) => {
  expect(
    createTextMask([
      { text: "ada", mask: "[name]" },
      { text: "ada28d", mask: "[name]" },
      { text: "-", mask: "[name]" },
    ])(text),
  ).toBe(text);
});

describe("what looks like anybody's is masked", () => {
  test.each([
    ["grace@example.co.uk, g+1@x.io", "[email], [email]"],
    ["mailto:grace%40example.com", "mailto:[email]"],
    ["http://203.0.113.7:80/x", "http://[ip]:80/x"],
    ["for=198.51.100.7;by=10.0.0.1", "for=[ip];by=[ip]"],
    ["[2001:db8::1]:443 fe80::1%eth0 ::ffff:203.0.113.7", "[[ip]]:443 [ip] [ip]"],
    ["2001:0db8:0:0:0:0:0:1", "[ip]"],
    ["ip=2001%3Adb8%3A%3A1", "ip=[ip]"],
    ["+49 (30) 1234-5678", "[phone]"],
    ["tel=%2B14155550100", "tel=[phone]"],
    ["got eyJhbGciOiJSUzI1NiJ9.eyJkYXRhIjp7fX0.c2ln!", "got [token]!"],
    ["got eyJhbGciOiJSUzI1NiJ9.eyJkYX", "got [token]"],
  ])("%s", (text, expected) => {
    expect(maskPatterns(text)).toBe(expected);
  });

  test.each([
    "10:21:28:38:66:dd:0a:e6:bf:82:ea:48:46:e9:b6:d2",
    "00:1a:2b:3c:4d:5e",
    "2024-07-09T02:29:08.242969+10:00",
    "2026-12-01T00:00:00+11",
    "Sat, 22 Nov 2025 21:30:00 GMT",
    "1767323045000",
    "kp_65b28d71bba14fa380d56d2d8d3503da",
    "01904a1b-8d4e-4f60-9b7c-0d1e2f3a4b5c",
    "0123456789abcdef0123456789abcdef",
    "http://127.0.0.1:3000/api/webhook?x=1",
    "connect ECONNREFUSED ::1:3000",
    "https://acme.kinde.com/.well-known/jwks",
    "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0.0.0 Safari/537.36",
    "v1.2.3.4",
    '"version":"1.2.3.4"',
    "1.2.3.4.5",
    "express@4.18.2",
    "at handler (/srv/app/node_modules/@scope/pkg/index.js:12:34)",
    "std::vector, DB::Cafe",
    "1e+20 2+2",
    'W/"14-9Kx+1234567/abc"',
    "[email] [redacted]",
  ])("%s stays", (text) => {
    expect(maskPatterns(text)).toBe(text);
  });
});

describe("a text that is cut at its end", () => {
  test.each([
    ["in a name", "for Love", "for "],
    ["in an e-mail address of anybody", "for grace.hop", "for "],
    ["in an escape", "n=Zo%C3", ""],
    ["between the words of a value", 'live at "12 Analytical Way, Lon', 'live at "'],
    ["behind what is masked", "to Ada", "to [name]"],
  ])("%s loses the half", (_where, text, expected) => {
    expect(maskText(text, true)).toBe(expected);
  });

  test("leaves no beginning of a value, wherever it is cut", () => {
    const whole = `answer: {"to":"12 Analytical Way, London","by":"Zoë O'Neil"}`;
    for (let length = 1; length < whole.length; length++) {
      const masked = maskText(whole.slice(0, length), true);
      expect(masked).not.toMatch(/12|Analyt|Zo|Neil/);
    }
  });
});

test.each([
  ["very long", ["x".repeat(2_000)]],
  ["very many", Array.from({ length: 300 }, (_, index) => `n${index}`)],
  ["long, and many", Array.from({ length: 20 }, (_, index) => `n${index}`.padEnd(500, "x"))],
])("where values are %s nothing is left but ids", (_how, texts) => {
  const masked = createTextMask(texts.map((text) => ({ text, mask: "[name]" })));
  expect(masked("hello")).toBe("[masked]");
  expect(masked("kp_65b28d71bba14fa380d56d2d8d3503da")).toBe("kp_65b28d71bba14fa380d56d2d8d3503da");
});

test("a text in which many values begin at each character is masked as a whole", () => {
  const masked = createTextMask(
    Array.from({ length: 100 }, (_, index) => ({ text: "a".repeat(index + 1), mask: "[name]" })),
  );
  expect(masked("a".repeat(1_000))).toBe("[masked]");
  expect(masked(`${"a".repeat(7)} ${"b".repeat(1_000)}`)).toBe(`[name] ${"b".repeat(1_000)}`);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isJsonObject, stringifySorted, type JsonValue } from "../../src/kinde/json.ts";

const json = fc.jsonValue() as fc.Arbitrary<JsonValue>;

describe("stringifySorted", () => {
  test.each([
    ["keys", { b: 1, a: 2 }, '{"a":2,"b":1}'],
    ["keys of inner objects, also in arrays", { b: [{ d: 1, c: 2 }], a: {} }, '{"a":{},"b":[{"c":2,"d":1}]}'],
    ["integer-like keys as text", { 10: "x", 9: "y", a: "z" }, '{"10":"x","9":"y","a":"z"}'],
    ["capitals before small letters, as bytes", { a: 1, B: 2, _: 3 }, '{"B":2,"_":3,"a":1}'],
  ])("sorts %s", (_what, value, expected) => {
    expect(stringifySorted(value)).toBe(expected);
  });

  test("keeps the order of arrays", () => {
    expect(stringifySorted([3, 1, 2])).toBe("[3,1,2]");
  });

  test("writes what JSON.stringify writes, but for the order of keys", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(stringifySorted(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(stringifySorted(value)).toHaveLength(JSON.stringify(value).length);
      }),
    );
  });

  test("writes for people what JSON.stringify writes for people", () => {
    fc.assert(
      fc.property(json, (value) => {
        const sorted = JSON.parse(stringifySorted(value)) as JsonValue;
        // Keys like integers stand elsewhere in JavaScript's own order.
        fc.pre(!/"\d+":/.test(JSON.stringify(sorted)));
        expect(stringifySorted(value, 2)).toBe(JSON.stringify(sorted, undefined, 2));
      }),
    );
  });

  test("writes the same text whatever order the keys were added in", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(stringifySorted(reverseKeys(value))).toBe(stringifySorted(value));
      }),
    );
  });
});

test.each([
  [{}, true],
  [{ a: 1 }, true],
  [null, false],
  [[], false],
  ["{}", false],
  [undefined, false],
  [() => {}, false],
])("isJsonObject(%j) is %j", (value, expected) => {
  expect(isJsonObject(value)).toBe(expected);
});

function reverseKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([key, inner]) => [key, reverseKeys(inner)] as const);
  return Object.fromEntries(members.toReversed());
}

import fc from "fast-check";
import { expect, test } from "vitest";
import { changedPaths } from "../../../src/inspector/page/detail/changed-paths.ts";
import type { JsonValue } from "../../../src/kinde/json.ts";

test.each<[string, JsonValue, JsonValue, string[]]>([
  ["a value", { a: { b: 1 } }, { a: { b: 2 } }, ["changed a.b"]],
  ["a member more", { a: {} }, { a: { b: null } }, ["added a.b"]],
  ["a member less", { a: { b: 1 }, c: 2 }, { c: 2 }, ["removed a"]],
  ["an item", { a: [1, { b: 2 }] }, { a: [1, { b: 3 }, 4] }, ["changed a[1].b", "added a[2]"]],
  ["an array for an object", { a: {} }, { a: [] }, ["changed a"]],
  ["null for an object", { a: {} }, { a: null }, ["changed a"]],
  ["a key with a dot", { "a.b": 1 }, { "a.b": 2 }, ['changed ["a.b"]']],
  ["all of it", { a: 1 }, 5, ["changed "]],
])("names %s", (_name, before, after, expected) => {
  expect(changedPaths(before, after).map(({ path, change }) => `${change} ${path}`)).toEqual(expected);
});

test("names something exactly when two values differ", () => {
  const value = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;
  fc.assert(
    fc.property(value, value, (a, b) => {
      const [left, right] = [plain(a), plain(b)];
      expect(changedPaths(left, structuredClone(left))).toEqual([]);
      expect(changedPaths(left, right).length > 0).toBe(!isSame(left, right));
    }),
  );
});

/** JSON has no `-0`. */
function plain(value: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}

function isSame(a: JsonValue, b: JsonValue): boolean {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
}

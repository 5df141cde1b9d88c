import { describe, expect, test } from "vitest";
import { treeMove } from "../../../src/inspector/page/detail/tree-keys.ts";
import { treeRows, unfoldedAtFirst, type TreeRow } from "../../../src/inspector/page/detail/tree-rows.ts";
import type { JsonValue } from "../../../src/kinde/json.ts";

const claims = { data: { user: { id: "kp_1", roles: [] } }, "a/b~c": 1, type: "user.created" };

describe("the rows", () => {
  test("are those that are unfolded, each with its level and its place", () => {
    expect(
      rowsOf(claims, ["/data"]).map(({ id, level, position, siblings }) => [id, level, position, siblings]),
    ).toEqual([
      ["/data", 1, 1, 3],
      ["/data/user", 2, 1, 1],
      ["/a~1b~0c", 1, 2, 3],
      ["/type", 1, 3, 3],
    ]);
  });

  test("of something large are the first hundred members, and one for the rest", () => {
    const rows = rowsOf({ list: Array.from({ length: 100_000 }, () => 1) }, ["/list"]);
    expect(rows).toHaveLength(102);
    expect(rows.at(-1)).toMatchObject({
      id: "/list/…",
      content: { kind: "more", of: "/list", hidden: 99_900 },
    });
  });

  test("show what they are asked to of something large", () => {
    const shown = new Map([["", 3]]);
    const rows = treeRows([1, 2, 3, 4, 5], { unfolded: new Set(), shown });
    expect(rows.map(({ id }) => id)).toEqual(["/0", "/1", "/2", "/…"]);
  });
});

describe("what is unfolded at first", () => {
  test("is everything of an event of the usual size", () => {
    expect(unfoldedAtFirst(claims)).toEqual(new Set(["/data", "/data/user"]));
  });

  test("is no more than a screen of something large, which does not hide what is small", () => {
    const large = { large: Array.from({ length: 1_000 }, () => 1), small: { a: 1 } };
    expect(unfoldedAtFirst(large)).toEqual(new Set(["/small"]));
  });

  test("is found in something deep without following it to its end", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`) as JsonValue;
    expect(unfoldedAtFirst(deep).size).toBeLessThan(61);
  });
});

describe("keys", () => {
  const rows = rowsOf(claims, ["/data"]);

  test.each([
    ["ArrowDown", "/data", { kind: "go", id: "/data/user" }],
    ["ArrowDown", "/type", { kind: "go", id: "/type" }],
    ["ArrowUp", "/a~1b~0c", { kind: "go", id: "/data/user" }],
    ["Home", "/type", { kind: "go", id: "/data" }],
    ["End", "/data", { kind: "go", id: "/type" }],
    ["ArrowRight", "/data", { kind: "go", id: "/data/user" }],
    ["ArrowRight", "/data/user", { kind: "unfold", id: "/data/user" }],
    ["ArrowRight", "/type", undefined],
    ["ArrowLeft", "/data", { kind: "fold", id: "/data" }],
    ["ArrowLeft", "/data/user", { kind: "go", id: "/data" }],
    ["ArrowLeft", "/type", undefined],
    ["Enter", "/data/user", { kind: "unfold", id: "/data/user" }],
    [" ", "/data", { kind: "fold", id: "/data" }],
    ["Enter", "/type", { kind: "activate", id: "/type" }],
    ["*", "/type", { kind: "unfold all", ids: ["/data"] }],
    ["Tab", "/type", undefined],
    ["ArrowDown", "/gone", undefined],
  ])("%s on %s", (key, id, expected) => {
    expect(treeMove(key, rows, id)).toEqual(expected);
  });
});

function rowsOf(value: JsonValue, unfolded: readonly string[]): TreeRow[] {
  return treeRows(value, { unfolded: new Set(unfolded), shown: new Map() });
}

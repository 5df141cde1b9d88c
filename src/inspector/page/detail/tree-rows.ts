/** A JSON value as the rows of a tree, those alone that are unfolded: a value of any size costs what is shown of it. */
import { isJsonObject, type JsonValue } from "../../../kinde/json.ts";

export interface TreeRow {
  /** A JSON Pointer (RFC 6901). */
  readonly id: string;
  /** Its key, or its index. */
  readonly name: string;
  /** From 1. */
  readonly level: number;
  /** Its place among those beside it, from 1, and how many they are. */
  readonly position: number;
  readonly siblings: number;
  readonly content: RowContent;
}

export type RowContent =
  | { readonly kind: "value"; readonly value: string | number | boolean | null }
  | {
      readonly kind: "object" | "array";
      /** How many members it has. */
      readonly size: number;
      readonly isUnfolded: boolean;
    }
  /** Stands for members that are not shown. */
  | { readonly kind: "more"; readonly of: string; readonly hidden: number };

export interface TreeView {
  /** The ids of what is unfolded. */
  readonly unfolded: ReadonlySet<string>;
  /** How many members of an object or array are shown, by its id, where that is not the usual number. */
  readonly shown: ReadonlyMap<string, number>;
}

/** How many members are shown of an object or array at first. */
export const shownMembers = 100;

/** The rows below a value, which has none itself. */
export function treeRows(root: JsonValue, view: TreeView): TreeRow[] {
  const rows: TreeRow[] = [];
  addMembers(rows, root, "", 1, view);
  return rows;
}

/** The ids of what is unfolded at first: level by level, as long as it makes no more rows than this. */
export function unfoldedAtFirst(root: JsonValue, maxRows = 60): Set<string> {
  const unfolded = new Set<string>();
  let level: (readonly [id: string, value: JsonValue])[] = members(root, "");
  let rows = level.length;
  while (level.length > 0) {
    const next: (readonly [id: string, value: JsonValue])[] = [];
    for (const [id, value] of level) {
      const inner = members(value, id);
      if (inner.length === 0 || rows + inner.length > maxRows) continue;
      rows += inner.length;
      unfolded.add(id);
      next.push(...inner);
    }
    level = next;
  }
  return unfolded;
}

/** The row above that holds this one, or `undefined` at the first level. */
export function parentId(id: string): string | undefined {
  const parent = id.slice(0, id.lastIndexOf("/"));
  return parent === "" ? undefined : parent;
}

function addMembers(rows: TreeRow[], holder: JsonValue, id: string, level: number, view: TreeView): void {
  const names = typeof holder === "object" && holder !== null ? Object.keys(holder) : [];
  const limit = view.shown.get(id) ?? shownMembers;
  for (const [index, name] of names.slice(0, limit).entries()) {
    const value = (holder as Record<string, JsonValue>)[name]!;
    const inner = childId(id, name);
    const isUnfolded = view.unfolded.has(inner);
    rows.push({
      id: inner,
      name,
      level,
      position: index + 1,
      siblings: names.length,
      content: contentOf(value, isUnfolded),
    });
    if (isUnfolded) addMembers(rows, value, inner, level + 1, view);
  }
  if (names.length > limit) {
    rows.push({
      id: `${id}/…`,
      name: "…",
      level,
      position: limit + 1,
      siblings: names.length,
      content: { kind: "more", of: id, hidden: names.length - limit },
    });
  }
}

function contentOf(value: JsonValue, isUnfolded: boolean): RowContent {
  if (Array.isArray(value)) return { kind: "array", size: value.length, isUnfolded };
  if (isJsonObject(value)) return { kind: "object", size: Object.keys(value).length, isUnfolded };
  return { kind: "value", value };
}

function members(value: JsonValue, id: string): (readonly [id: string, value: JsonValue])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([name, inner]) => [childId(id, name), inner]);
}

function childId(id: string, name: string): string {
  return `${id}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

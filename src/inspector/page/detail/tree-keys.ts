import { parentId, type TreeRow } from "./tree-rows.ts";

/** What a key does in a tree: goes to a row, or folds, unfolds or activates the one it is on. */
export type TreeMove =
  | { readonly kind: "go"; readonly id: string }
  | { readonly kind: "fold" | "unfold" | "activate"; readonly id: string }
  | { readonly kind: "unfold all"; readonly ids: readonly string[] };

const page = 10;

/** As the ARIA Authoring Practices have a tree view; `undefined` for a key that does nothing there. */
export function treeMove(key: string, rows: readonly TreeRow[], id: string): TreeMove | undefined {
  const index = rows.findIndex((row) => row.id === id);
  const row = rows[index];
  if (row === undefined) return undefined;
  const go = (to: number): TreeMove => ({
    kind: "go",
    id: rows[Math.min(Math.max(to, 0), rows.length - 1)]!.id,
  });
  const folds = isFoldable(row) ? row.content : undefined;
  switch (key) {
    case "ArrowDown":
      return go(index + 1);
    case "ArrowUp":
      return go(index - 1);
    case "PageDown":
      return go(index + page);
    case "PageUp":
      return go(index - page);
    case "Home":
      return go(0);
    case "End":
      return go(rows.length - 1);
    case "ArrowRight":
      if (folds === undefined) return undefined;
      return folds.isUnfolded ? go(index + 1) : { kind: "unfold", id };
    case "ArrowLeft": {
      if (folds?.isUnfolded === true) return { kind: "fold", id };
      const parent = parentId(id);
      return parent === undefined ? undefined : { kind: "go", id: parent };
    }
    case "Enter":
    case " ":
      if (folds !== undefined) return { kind: folds.isUnfolded ? "fold" : "unfold", id };
      return { kind: "activate", id };
    case "*":
      return {
        kind: "unfold all",
        ids: siblingsOf(row, rows)
          .filter(isFoldable)
          .map((each) => each.id),
      };
    default:
      return undefined;
  }
}

/** Whether a row has members to fold away. */
export function isFoldable(
  row: TreeRow,
): row is TreeRow & { readonly content: Extract<TreeRow["content"], { readonly size: number }> } {
  const { content } = row;
  return (content.kind === "object" || content.kind === "array") && content.size > 0;
}

function siblingsOf(row: TreeRow, rows: readonly TreeRow[]): TreeRow[] {
  return rows.filter((each) => parentId(each.id) === parentId(row.id));
}

import type { VNode } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { JsonObject } from "../../../kinde/json.ts";
import { isFoldable, treeMove, type TreeMove } from "./tree-keys.ts";
import { shownMembers, treeRows, unfoldedAtFirst } from "./tree-rows.ts";
import { TreeRowContent } from "./tree-row-content.tsx";
import { visibleText } from "../visible-text.ts";

/** A JSON object as a tree that folds: by mouse, and by the keys of a tree view. */
export function ClaimsTree({
  claims,
  label,
}: {
  readonly claims: JsonObject;
  readonly label: string;
}): VNode {
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(() => unfoldedAtFirst(claims));
  const [shown, setShown] = useState<ReadonlyMap<string, number>>(new Map());
  const [whole, setWhole] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState<string>();
  const tree = useRef<HTMLUListElement>(null);
  const isMoved = useRef(false);
  const rows = useMemo(() => treeRows(claims, { unfolded, shown }), [claims, unfolded, shown]);
  const currentId = rows.some(({ id }) => id === current) ? current : rows[0]?.id;

  // Before the next key: it acts on the row that has the focus.
  useLayoutEffect(() => {
    if (!isMoved.current) return;
    isMoved.current = false;
    tree.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  });

  const activate = (id: string): void => {
    const content = rows.find((row) => row.id === id)?.content;
    if (content?.kind === "more") {
      setShown(new Map(shown).set(content.of, (shown.get(content.of) ?? shownMembers) * 2));
    } else setWhole(toggled(whole, id));
  };
  const apply = (move: TreeMove): void => {
    if (move.kind === "activate") activate(move.id);
    else if (move.kind === "fold" || move.kind === "unfold") setUnfolded(toggled(unfolded, move.id));
    else if (move.kind === "unfold all") setUnfolded(new Set([...unfolded, ...move.ids]));
    isMoved.current = true;
    setCurrent(move.kind === "unfold all" ? currentId : move.id);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || currentId === undefined) return;
    const move = treeMove(event.key, rows, currentId);
    if (move === undefined) return;
    event.preventDefault();
    apply(move);
  };

  return (
    <ul class="tree mono" role="tree" aria-label={label} ref={tree} onKeyDown={onKeyDown}>
      {rows.map((row) => {
        const { id, name, level, position, siblings, content } = row;
        const folds = isFoldable(row) ? row.content : undefined;
        return (
          <li
            key={id}
            role="treeitem"
            aria-level={level}
            aria-posinset={position}
            aria-setsize={siblings}
            aria-expanded={folds?.isUnfolded}
            aria-selected={id === currentId}
            tabIndex={id === currentId ? 0 : -1}
            style={{ paddingInlineStart: `${Math.min(level, 20) * 16 - 12}px` }}
            onFocus={() => setCurrent(id)}
            onClick={() => {
              // Who marks a text with the mouse does not want it folded away.
              if (getSelection()?.isCollapsed === false) return;
              if (folds !== undefined) apply({ kind: folds.isUnfolded ? "fold" : "unfold", id });
              else if (content.kind === "more") apply({ kind: "activate", id });
            }}
          >
            <span class="fold" aria-hidden="true">
              {folds !== undefined && (folds.isUnfolded ? "▾" : "▸")}
            </span>
            <span>
              {content.kind !== "more" && <span class="name">{visibleText(name)}</span>}
              <TreeRowContent content={content} isWhole={whole.has(id)} onActivate={() => activate(id)} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function toggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return next;
}

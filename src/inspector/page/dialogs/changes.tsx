import type { VNode } from "preact";
import type { ChangedPath } from "../detail/changed-paths.ts";
import { visibleText } from "../visible-text.ts";

export interface ChangesProps {
  readonly changes: readonly ChangedPath[];
  /** Said when there are none. */
  readonly same: string;
  /** Said above them. */
  readonly edited: string;
}

const shown = 12;

/** Which paths differ, before it is sent. */
export function Changes({ changes, same, edited }: ChangesProps): VNode {
  if (changes.length === 0) return <p class="changes muted">{same}</p>;
  return (
    <div class="changes">
      <p>{edited}</p>
      <ul>
        {changes.slice(0, shown).map(({ path, change }) => (
          <li key={path} data-change={change}>
            <code>{visibleText(path)}</code> {change}
          </li>
        ))}
        {changes.length > shown && <li class="muted">and {changes.length - shown} more</li>}
      </ul>
    </div>
  );
}

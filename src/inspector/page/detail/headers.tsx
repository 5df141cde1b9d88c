import type { VNode } from "preact";
import { visibleText } from "../visible-text.ts";

/** HTTP headers, as names and values. */
export function Headers({ of }: { readonly of: Readonly<Record<string, string>> }): VNode {
  const headers = Object.entries(of);
  if (headers.length === 0) return <p class="muted">None.</p>;
  return (
    <dl class="pairs mono">
      {headers.map(([name, value]) => (
        <div key={name}>
          <dt>{visibleText(name)}</dt>
          <dd>{visibleText(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

import type { VNode } from "preact";
import { useClock } from "./clock.ts";
import { formatAge, formatDate } from "./format.ts";

/** How long ago something was; when, as its title. */
export function Age({ at }: { readonly at: string }): VNode {
  const text = useClock((now) => formatAge(now - Date.parse(at)));
  return (
    <time dateTime={at} title={formatDate(at)}>
      {text}
    </time>
  );
}

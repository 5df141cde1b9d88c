import type { VNode } from "preact";
import { useClock } from "./clock.ts";
import { formatAge, formatTime } from "./times.ts";

/** A time of a record by this machine's clock; the record's own words stand in the title. */
export function Time({ at }: { readonly at: string }): VNode {
  return (
    <time dateTime={at} title={at}>
      {formatTime(new Date(at), new Date())}
    </time>
  );
}

/** How long ago something was; when, as its title. */
export function Age({ at }: { readonly at: string }): VNode {
  const text = useClock((now) => formatAge(now - Date.parse(at)));
  return (
    <time dateTime={at} title={formatTime(new Date(at), new Date())}>
      {text}
    </time>
  );
}

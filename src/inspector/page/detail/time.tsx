import type { VNode } from "preact";
import { formatTime } from "./times.ts";

/** A time of a record by this machine's clock; the record's own words stand in the title. */
export function Time({ at }: { readonly at: string }): VNode {
  return (
    <time dateTime={at} title={at}>
      {formatTime(new Date(at), new Date())}
    </time>
  );
}

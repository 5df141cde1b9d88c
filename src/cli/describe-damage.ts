import type { Damage } from "../history/damage.ts";
import type { OutputRecord } from "./output/records.ts";

/** The warning that something in the history was passed over: where it is, and what to do. */
export function describeDamage({
  file,
  reason,
  lines,
  count,
}: Damage): Extract<OutputRecord, { record: "warning" }> {
  const where = count === 0 ? file : `${nameLines(lines, count)} of ${file}`;
  const message =
    reason === "damaged"
      ? `${where} can't be read and ${count === 1 ? "was" : "were"} skipped: ${
          count === 1 ? "it is" : "they are"
        } no JSON, as what a killed process or a full disk leaves half written. All else is there`
      : `${where} can't be read and ${count > 1 ? "were" : "was"} skipped: the format is not this version's. It is left as it is`;
  return { record: "warning", code: "WARN_HISTORY_DAMAGED", message };
}

/** @param lines fewer than `count` when there are many; none when the file is gone by now */
function nameLines(lines: readonly number[], count: number): string {
  if (lines.length === 0) return count === 1 ? "a line" : `${count} lines`;
  const more = count - lines.length;
  const named = [...lines.map(String), ...(more > 0 ? [`${more} more`] : [])];
  const last = named.pop() ?? "";
  return `${count === 1 ? "line" : "lines"} ${named.length === 0 ? last : `${named.join(", ")} and ${last}`}`;
}

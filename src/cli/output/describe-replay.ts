import type { ReplayRecord } from "./records.ts";
import { shortDeliveryId, shortTime } from "./format.ts";
import { escapeControls, type Paint } from "./text.ts";

/** What is sent again, where to, and what became of its signature and its webhook-id. */
export function describeReplay(replay: ReplayRecord, paint: Paint): string {
  const { of, eventType, createdAt, endpoint, isSameId } = replay;
  const what = `${paint("bold", escapeControls(eventType ?? "unknown"))} of ${shortTime(createdAt)}`;
  const how = `${describeSignature(replay)}, ${isSameId ? "the same" : "a new"} webhook-id`;
  return `replaying ${shortDeliveryId(of)}  ${what} to ${escapeControls(endpoint)}: ${how}`;
}

function describeSignature({ changes, signer, kid, fault }: ReplayRecord): string {
  const by = kid === null ? "" : ` (kid ${escapeControls(kid.slice(0, 8))}…)`;
  if (changes.length > 0) {
    return `${describeChanges(changes)}, so signed anew with this project's key${by}`;
  }
  if (fault !== null) return `the same bytes, with the fault ${fault}`;
  if (signer === null) return "the same bytes, which do not verify";
  return `the same bytes, signed ${signer === "kinde" ? "by Kinde" : "with this project's key"}${by}`;
}

function describeChanges(changes: readonly string[]): string {
  const edits = changes.filter((change) => change !== "fresh");
  return [
    ...(edits.length < changes.length ? ["as a new event"] : []),
    ...(edits.length > 0 ? [`edited (${escapeControls(edits.join(", "))})`] : []),
  ].join(", ");
}

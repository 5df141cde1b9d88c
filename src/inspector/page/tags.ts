import type { DeliverySummary } from "../protocol.ts";

/** Something that sets a delivery apart from most. */
export interface Tag {
  readonly text: string;
  readonly title: string;
  readonly tone: "good" | "bad" | "wait" | "muted";
}

const endings: Readonly<Record<string, string>> = {
  exhausted: "Given up: no attempt is left.",
  disabled: "Given up: its webhook is disabled.",
  cancelled: "Called off.",
  abandoned: "Given up: too old.",
};

export function tagsOf(delivery: DeliverySummary): Tag[] {
  const { verification, fault, verdict, failedReason, isCopy, isShielded, isRedacted } = delivery;
  const tags: Tag[] = [];
  if (fault !== undefined) {
    const [mark, title, tone] =
      verdict === "pass"
        ? ["✓ ", "The app answered as a correct handler does.", "good" as const]
        : verdict === "fail"
          ? ["✕ ", "A correct handler answers otherwise.", "bad" as const]
          : ["", "Damaged on purpose.", "wait" as const];
    tags.push({ text: `${mark}${fault}`, title, tone });
  } else if (verification === "unverified") {
    tags.push({ text: "unverified", title: "Its signature was not verified.", tone: "wait" });
  }
  const ending = endings[failedReason ?? ""];
  if (ending !== undefined) tags.push({ text: failedReason!, title: ending, tone: "bad" });
  if (isCopy) tags.push(copy);
  if (isShielded) tags.push(shielded);
  if (isRedacted) tags.push(redacted);
  return tags;
}

const copy: Tag = {
  text: "copy",
  title: "To one endpoint more; its sender hears nothing of it.",
  tone: "muted",
};
const shielded: Tag = {
  text: "shielded",
  title: "Its sender was answered 200 when it came.",
  tone: "muted",
};
const redacted: Tag = { text: "redacted", title: "Personal values are masked.", tone: "muted" };

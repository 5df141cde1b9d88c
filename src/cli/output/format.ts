/** Numbers and times for people. */

/** A number with its thousands apart. */
export function formatCount(value: number): string {
  return value.toLocaleString("en-US");
}

/** A time in the largest unit that leaves two of it. */
export function formatTime(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}

export function formatMs(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${formatCount(Math.round(value))} ms`;
}

/** A time of day, with the day when that is not today. */
export function dayAndTime(iso: string): string {
  const time = new Date(iso);
  if (time.toDateString() === new Date().toDateString()) return `at ${clockTime(iso)}`;
  return `${time.toLocaleDateString("en-US", { weekday: "short" })} at ${clockTime(iso)}`;
}

const soonMs = 100_000;

/**
 * A time that nobody knows exactly: `in about 5 s`, `about 14:32`, `about Thu 02:32`.
 * @param now epoch milliseconds
 */
export function aboutTime(iso: string, now: number): string {
  const leftMs = Math.max(1, Date.parse(iso) - now);
  if (leftMs < soonMs) return `in about ${Math.ceil(leftMs / 1000)} s`;
  const time = new Date(iso);
  const isToday = time.toDateString() === new Date(now).toDateString();
  const day = isToday ? "" : `${time.toLocaleDateString("en-US", { weekday: "short" })} `;
  return `about ${day}${clockTime(iso).slice(0, "hh:mm".length)}`;
}

export function clockTime(iso: string): string {
  const time = new Date(iso);
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/** When something was, in as few letters as tell: `14:02:11`, `Jan 2 14:02:11`. */
export function shortTime(iso: string): string {
  const time = new Date(iso);
  if (time.toDateString() === new Date().toDateString()) return clockTime(iso);
  return `${time.toLocaleDateString("en-US", { month: "short", day: "numeric" })} ${clockTime(iso)}`;
}

/** As much of a delivery's id as tells it from others, to be pasted: `dlv_018f331a`. */
export function shortDeliveryId(id: string): string {
  return id.slice(0, "dlv_".length + 8);
}

/** An id as one is told from others at a glance: `event_018f…0384`. */
export function shortenId(id: string): string {
  const prefix = /^[a-z]+_/.exec(id)?.[0] ?? "";
  return id.length > prefix.length + 10 ? `${id.slice(0, prefix.length + 4)}…${id.slice(-4)}` : id;
}

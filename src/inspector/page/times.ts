/** Times and durations in words; times are shown as the clock on this machine's wall has them. */

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `14:02:11`, with the day before it when that is not today's: `22 Nov 14:02:11`. */
export function formatTime(time: Date, now: Date): string {
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
  if (time.toDateString() === now.toDateString()) return clock;
  const year = time.getFullYear() === now.getFullYear() ? "" : ` ${time.getFullYear()}`;
  return `${time.getDate()} ${months[time.getMonth()]}${year} ${clock}`;
}

/** `0.4 ms`, `12 ms`, `1.9 s`, `2 min 5 s`, `4 h 10 min`: two units at most. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1) return `${round(durationMs, 1)} ms`;
  if (durationMs < second) return `${Math.round(durationMs)} ms`;
  const seconds = durationMs / second;
  if (durationMs < minute) return `${round(seconds, seconds < 10 ? 1 : 0)} s`;
  return durationMs < hour
    ? joinUnits(durationMs, minute, "min", second, "s")
    : joinUnits(durationMs, hour, "h", minute, "min");
}

/** The same in one unit, rounded down, for where there is little room: `5 s`, `3 min`, `2 h`, `4 d`. */
export function formatRough(durationMs: number): string {
  if (durationMs < minute) return `${Math.floor(durationMs / second)} s`;
  if (durationMs < hour) return `${Math.floor(durationMs / minute)} min`;
  if (durationMs < 2 * day) return `${Math.floor(durationMs / hour)} h`;
  return `${Math.floor(durationMs / day)} d`;
}

/** How long ago something was. */
export function formatAge(ms: number): string {
  return ms < 3 * second ? "now" : formatRough(ms);
}

// RFC 3339, and what Kinde's billing events have: an offset without minutes, which `Date` can't read.
const timestamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d(?::?\d\d)?)$/;

/** The time that a text names, or `undefined` when it is no timestamp. */
export function readTimestamp(text: string): Date | undefined {
  if (text.length > 40) return undefined;
  const [, local, zone] = timestamp.exec(text) ?? [];
  if (local === undefined || zone === undefined) return undefined;
  const time = new Date(
    local + zone.replace(/^([+-]\d\d):?(\d\d)?$/, (_, hours: string, rest = "00") => `${hours}:${rest}`),
  );
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function joinUnits(
  durationMs: number,
  large: number,
  name: string,
  small: number,
  smallName: string,
): string {
  // Rounded first: 119.9 s are 2 min, not 1 min 60 s.
  const rounded = Math.round(durationMs / small) * small;
  const rest = Math.round((rounded % large) / small);
  return `${Math.floor(rounded / large)} ${name}${rest === 0 ? "" : ` ${rest} ${smallName}`}`;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

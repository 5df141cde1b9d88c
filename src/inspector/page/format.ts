/** Times, durations, numbers and URLs, short enough for a row. */
import type { DeliverySummary } from "../protocol.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long something takes, or is away: `12 ms`, `1.2 s`, `3 min`, `2 h`, `4 d`. */
export function formatDuration(ms: number): string {
  if (ms < second) return `${Math.round(ms)} ms`;
  if (ms < 10 * second) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < 2 * day) return `${Math.floor(ms / hour)} h`;
  return `${Math.floor(ms / day)} d`;
}

/** How long ago, or until then, in whole seconds at least. */
export function formatAge(ms: number): string {
  if (ms < 3 * second) return "now";
  return ms < minute ? `${Math.floor(ms / second)} s` : formatDuration(ms);
}

const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const timeOnly = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** By the clock of the reader. */
export function formatDate(time: string | number): string {
  return dateAndTime.format(new Date(time));
}

export function formatClock(time: string | number): string {
  return timeOnly.format(new Date(time));
}

const number = new Intl.NumberFormat("en");

/** `10,000` */
export function formatNumber(value: number): string {
  return number.format(value);
}

/** `1 attempt`, `2 attempts` */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(count)} ${count === 1 ? noun : plural}`;
}

/** Of an endpoint what tells it from others: on this machine the port is enough. */
export function formatEndpoint(endpoint: string): string {
  if (!URL.canParse(endpoint)) return endpoint;
  const { hostname, port, host, pathname, search } = new URL(endpoint);
  const isHere = hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
  return `${isHere && port !== "" ? `:${port}` : host}${pathname}${search}`;
}

/** What the latest attempt was answered: `200`, or that it was not. */
export function formatAnswer({ latest }: DeliverySummary): string {
  if (latest === null) return "";
  return latest.status === null ? "no answer" : String(latest.status);
}

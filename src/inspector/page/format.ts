/** Numbers and URLs, short enough for a row. */
import type { DeliverySummary } from "../protocol.ts";

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

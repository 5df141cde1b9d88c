import type { Delivery } from "./delivery.ts";

interface Written {
  readonly delivery: Delivery;
  /** Without the token. */
  readonly json: string;
  line: string | undefined;
}

let latest: Written | undefined;

/**
 * A delivery as JSON, without its token. History, memory and output write the same one after the other, and writing it
 * is most of what a record costs: the latest is kept.
 */
export function deliveryJson(delivery: Delivery): string {
  return write(delivery).json;
}

/**
 * A delivery, its token at the end, as a line of NDJSON. A newline stands in front too: it ends whatever a process that
 * was killed in the middle of its own line left behind.
 */
export function deliveryText(delivery: Delivery): string {
  const written = write(delivery);
  return (written.line ??= `\n${withMember(written.json, "token", delivery.token)}\n`);
}

/** The JSON of an object with one more member at its end. */
export function withMember(json: string, name: string, value: string): string {
  return `${json.slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value)}}`;
}

function write(delivery: Delivery): Written {
  if (latest?.delivery !== delivery) {
    const { token: _, ...rest } = delivery;
    latest = { delivery, json: JSON.stringify(rest), line: undefined };
  }
  return latest;
}

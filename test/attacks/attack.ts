/** One row of the attack table, and the requests it is written with. */
import { randomBytes } from "node:crypto";
import { createEvent, type KindeEvent } from "../../src/kinde/events.ts";
import type { Refusal } from "../../src/relay/gate.ts";
import type { Surroundings } from "./scene.ts";

export interface Attack {
  /** Completes "refuses …". */
  readonly name: string;
  /** All that goes over the wire. */
  readonly bytes: (surroundings: Surroundings) => string | Buffer;
  readonly code: Refusal["code"];
  /** What is answered; `null` when the connection is ended without an answer. */
  readonly status: Refusal["status"];
  /** The connection must end: what follows on it could be taken for another request. */
  readonly endsConnection?: boolean;
}

const usualHeaders: Readonly<Record<string, string>> = {
  host: "devhook-attack.localtunnel.me",
  "content-type": "application/jwt",
  "webhook-id": "attack",
};

export interface RequestParts {
  readonly method?: string;
  readonly target?: string;
  readonly version?: string;
  /** Laid over the usual ones; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Header lines as they stand, behind the others. */
  readonly lines?: readonly string[];
  readonly body?: string | Buffer;
}

/** A request as it goes over the wire, by default as Kinde's would. */
export function requestBytes(parts: RequestParts = {}): Buffer {
  const { method = "POST", target = "/api/webhook", version = "HTTP/1.1", lines = [], body = "" } = parts;
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body, "latin1");
  const headers = { ...usualHeaders, "content-length": String(bytes.length), ...parts.headers };
  const head = [
    `${method} ${target} ${version}`,
    ...Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`])),
    ...lines,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), bytes]);
}

/** The chunked form of a body, in one chunk. */
export function chunked(body: string): string {
  return `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

/** An event that happens now. */
export function sampleEvent(): KindeEvent<"user.created"> {
  return createEvent("user.created", {}, { now: Date.now(), randomBytes });
}

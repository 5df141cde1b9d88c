/** The body of a request to the intake: read up to its limit, or dropped. */
import type { IncomingMessage } from "node:http";

export const maxBodyBytes: number = 1 << 20;
const maxDroppedBytes = 16 << 20;
const dropWithinMs = 3_000;

/** Calls back with the whole body, or with `undefined` as soon as it is too large. A body that is cut off calls nothing. */
export function readBody(request: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
    else if (size - chunk.length <= maxBodyBytes) done(undefined);
  });
  request.on("end", () => {
    if (size <= maxBodyBytes) done(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
  });
}

/**
 * Reads what is left of a body and keeps nothing of it; calls back once, at its end, or when it goes on for too long.
 * An answer ahead of it may be lost: what still comes resets the connection, and a tunnel's server lets its sender wait
 * for ever.
 */
export function dropBody(request: IncomingMessage, done: () => void): void {
  let left = maxDroppedBytes;
  let isDone = false;
  const end = (): void => {
    if (!isDone) done();
    isDone = true;
  };
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left <= 0) end();
  });
  request.once("end", end);
  setTimeout(end, dropWithinMs).unref();
}

export function hasBody(request: IncomingMessage): boolean {
  return request.headers["transfer-encoding"] !== undefined || lengthOf(request) > 0;
}

/** As its sender says. */
export function lengthOf({ headers }: IncomingMessage): number {
  return Number(headers["content-length"] ?? 0);
}

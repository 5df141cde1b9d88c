/** A body that does not go out at once, as from a slow sender, or from one whose connection breaks. */
import type { ClientRequest } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { RequestError } from "./request-error.ts";

/** In pieces over a time, or only its first bytes, after which the connection is cut. */
export type BodyPacing =
  | { readonly pieces: number; readonly overMs: number }
  | { readonly cutAfterBytes: number };

/**
 * Writes a body and ends the request; its headers have announced the whole of it.
 * @param cut ends the request with an error, unless it has ended
 */
export async function writeBody(
  outgoing: ClientRequest,
  body: Uint8Array,
  pacing: BodyPacing,
  cut: (error: RequestError) => void,
): Promise<void> {
  if ("pieces" in pacing) await writeSlowly(outgoing, body, pacing);
  else writeInPart(outgoing, body.subarray(0, pacing.cutAfterBytes), cut);
}

/** Evenly; no more once the answer is there, for then the app has heard enough. */
async function writeSlowly(
  outgoing: ClientRequest,
  body: Uint8Array,
  { pieces, overMs }: { readonly pieces: number; readonly overMs: number },
): Promise<void> {
  const over = new AbortController();
  outgoing.once("close", () => over.abort());
  outgoing.once("response", (answer) => answer.once("end", () => over.abort()));
  const size = Math.ceil(body.length / pieces);
  for (let from = 0; from < body.length; from += size) {
    // Each wait begins when the piece has left, however long the connection took. What is destroyed before never goes on.
    await new Promise((resolve) => outgoing.write(body.subarray(from, from + size), resolve));
    if (from + size >= body.length) break;
    try {
      await wait(overMs / (pieces - 1), undefined, { signal: over.signal });
    } catch {
      outgoing.destroy();
      return;
    }
  }
  outgoing.end();
}

function writeInPart(outgoing: ClientRequest, part: Uint8Array, cut: (error: RequestError) => void): void {
  outgoing.write(part, (error) => {
    // Where nothing listens, say, nothing was cut.
    if (error === null || error === undefined) cut(cutOnPurpose());
  });
}

function cutOnPurpose(): RequestError {
  return new RequestError("ERR_CUT_ON_PURPOSE", "the connection was cut in mid-body, as was asked for");
}

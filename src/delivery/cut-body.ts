import { decodeText } from "../net/text.ts";
import type { Attempt } from "./delivery.ts";

const shownBodyBytes = 1024;

/** Whether the answer's body is longer than what `cutBody` leaves of it. */
export function isBodyLong({ response }: Attempt): boolean {
  return response !== null && Buffer.byteLength(response.body) > shownBodyBytes;
}

/** The attempt with the first KiB of the answer's body: an error page is long, and much the same each time. */
export function cutBody(attempt: Attempt): Attempt {
  if (attempt.response === null || !isBodyLong(attempt)) return attempt;
  // By its bytes: a part of the text itself would keep the whole in memory.
  const body = decodeText(Buffer.from(attempt.response.body).subarray(0, shownBodyBytes));
  return { ...attempt, response: { ...attempt.response, body, truncated: true } };
}

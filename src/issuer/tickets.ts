/** What a URL that we print lets a page have the control token for: once. In memory alone. */
import { createHash, randomBytes } from "node:crypto";

export interface Tickets {
  /** A new one, 256 bits as base64url. */
  create(): string;
  /** Whether it is one of ours that nobody has come with yet; from now on it is none. */
  redeem(ticket: string): boolean;
}

// Each print makes one, and who prints many opens the latest.
const maxOutstanding = 8;

export function createTickets(): Tickets {
  /** Only their hashes, the oldest first. */
  const outstanding = new Set<string>();
  return {
    create: () => {
      const ticket = randomBytes(32).toString("base64url");
      outstanding.add(hashOf(ticket));
      const [oldest] = outstanding;
      if (outstanding.size > maxOutstanding && oldest !== undefined) outstanding.delete(oldest);
      return ticket;
    },
    // Found by its hash, so that how long it takes tells nothing of another.
    redeem: (ticket) => outstanding.delete(hashOf(ticket)),
  };
}

function hashOf(ticket: string): string {
  return createHash("sha256").update(ticket).digest("base64");
}

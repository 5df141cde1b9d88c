/** A text as it reads without its escapes, and where each character of that stands in it. */
export interface PlainText {
  readonly text: string;
  /** The offset in the original of a character of `text`, or of its end. */
  readonly offsetOf: (index: number) => number;
}

// Once or twice: the JSON of a log line in a JSON answer, a URL in the query of another.
const escapes =
  /(?:%(?:25){0,3}[\da-f]{2})+|\\{1,8}(?:u[\da-f]{4}|["'/]?)|&(?:#\d{1,7}|#x[\da-f]{1,6}|amp|lt|gt|quot|apos|nbsp);|[^\S ]|\+/gi;
const percentByte = /%(?:25){0,3}([\da-f]{2})/gi;

/** The text with what URLs, JSON and HTML write in another way put right; a plus sign, of a form, is a space. */
export function toPlainText(original: string): PlainText {
  if (original.search(escapes) === -1) return { text: original, offsetOf: (index) => index };
  const parts: string[] = [];
  /** For each unit of the plain text, and for its end. */
  const offsets: number[] = [];
  const add = (text: string, offset: number): void => {
    for (let unit = 0; unit < text.length; unit++) offsets.push(offset);
    // Escaped or not: nobody can tell which of the two a form means.
    parts.push(text.replaceAll("+", " "));
  };
  const addAsIs = (from: number, to: number): void => {
    for (let offset = from; offset < to; offset++) offsets.push(offset);
    parts.push(original.slice(from, to));
  };
  let end = 0;
  for (const { 0: escape, index } of original.matchAll(escapes)) {
    addAsIs(end, index);
    end = index + escape.length;
    if (escape.startsWith("%")) addBytes(escape, index, add);
    else add(unescape(escape), index);
  }
  addAsIs(end, original.length);
  offsets.push(original.length);
  return { text: parts.join(""), offsetOf: (index) => offsets[index] ?? original.length };
}

const named: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
};

function unescape(escape: string): string {
  if (escape.startsWith("\\")) {
    const [, hex, other] = /^\\+(?:u(.{4})|(.?))$/.exec(escape) ?? [];
    return hex === undefined ? other || "\\" : String.fromCharCode(Number.parseInt(hex, 16));
  }
  if (!escape.startsWith("&")) return " ";
  const name = escape.slice(1, -1).toLowerCase();
  if (!name.startsWith("#")) return named[name] ?? escape;
  const code = name.startsWith("#x") ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : escape;
}

const decoder = new TextDecoder();

/** Adds percent-encoded bytes, a character of UTF-8 at a time. */
function addBytes(escape: string, index: number, add: (text: string, offset: number) => void): void {
  const bytes = [...escape.matchAll(percentByte)].map(({ 1: hex = "", index: at }) => ({
    value: Number.parseInt(hex, 16),
    offset: index + at,
  }));
  for (let first = 0; first < bytes.length;) {
    const { value, offset } = bytes[first]!;
    // RFC 3629, section 3: how many bytes there are is in the first.
    const length = value >= 0xf0 ? 4 : value >= 0xe0 ? 3 : value >= 0xc0 ? 2 : 1;
    add(decoder.decode(Uint8Array.from(bytes.slice(first, first + length), (byte) => byte.value)), offset);
    first += length;
  }
}

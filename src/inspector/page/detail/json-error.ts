/** Where text stops being JSON (RFC 8259), and what was expected there. */

/** A mistake at a place in a text. */
export interface TextError {
  /** From 0, in UTF-16 units. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** What was expected and what is there, as a sentence without its place. */
  readonly message: string;
}

/** The place of an offset, with a sentence. */
export function textErrorAt(text: string, offset: number, message: string): TextError {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  let line = 1;
  for (let at = before.indexOf("\n"); at !== -1; at = before.indexOf("\n", at + 1)) line++;
  return { offset, line, column: offset - lineStart + 1, message };
}

/** The first mistake of a text that `JSON.parse` refuses. */
export function findJsonError(text: string): TextError {
  const { offset, message } = scan(text) ?? { offset: text.length, message: "This is no JSON." };
  return textErrorAt(text, offset, message);
}

interface Mistake {
  readonly offset: number;
  readonly message: string;
}

type Expected = "value" | "first value" | "key" | "first key" | "colon" | "comma" | "end";

const space = /[ \t\n\r]*/y;
const literal = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /[\p{L}\p{N}_$.+-]+/uy;

const words: Readonly<Record<Expected, string>> = {
  value: 'a value: "text", a number, true, false, null, { or [',
  "first value": "a value, or ]",
  key: "a key in double quotes",
  "first key": "a key in double quotes, or }",
  colon: "a colon after the key",
  comma: "a comma",
  end: "nothing more",
};

// A loop with a stack of its own: a text of ten thousand brackets must not exhaust that of the page.
function scan(text: string): Mistake | undefined {
  const open: number[] = [];
  let expected: Expected = "value";
  let comma = -1;
  let at = skip(space, text, 0);
  for (; at < text.length; at = skip(space, text, at)) {
    const character = text[at]!;
    const closes = open.length > 0 && character === (text[open.at(-1)!] === "{" ? "}" : "]");
    if (closes && (expected === "comma" || expected.startsWith("first"))) {
      open.pop();
      expected = open.length === 0 ? "end" : "comma";
      at++;
    } else if (closes && comma !== -1 && (expected === "key" || expected === "value")) {
      return { offset: comma, message: `The comma before ${character} is one too many.` };
    } else if (expected === "comma" && character === ",") {
      comma = at++;
      expected = text[open.at(-1)!] === "{" ? "key" : "value";
    } else if (expected === "colon" && character === ":") {
      at++;
      comma = -1;
      expected = "value";
    } else if (character === '"' && (expected.endsWith("key") || expected.endsWith("value"))) {
      const end = scanText(text, at);
      if (typeof end !== "number") return end;
      at = end;
      expected = expected.endsWith("key") ? "colon" : afterValue(open);
    } else if (expected.endsWith("value") && (character === "{" || character === "[")) {
      open.push(at++);
      expected = character === "{" ? "first key" : "first value";
    } else if (expected.endsWith("value") && skip(literal, text, at) === skip(word, text, at)) {
      const end = skip(literal, text, at);
      if (end === at) return refuse(text, at, expected, open);
      at = end;
      expected = afterValue(open);
    } else return refuse(text, at, expected, open);
  }
  return expected === "end" ? undefined : unfinished(text, expected, open);
}

function afterValue(open: readonly number[]): Expected {
  return open.length === 0 ? "end" : "comma";
}

/** The offset behind a text in quotes, or what is wrong in it. */
function scanText(text: string, start: number): number | Mistake {
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') return at + 1;
    if (character === "\n" || character === "\r") {
      return {
        offset: start,
        message: 'This text has no closing " on its line; a line break in it is written \\n.',
      };
    }
    if (character < " ") {
      const code = character.charCodeAt(0).toString(16).padStart(4, "0");
      return { offset: at, message: `A control character in a text is written \\u${code}.` };
    }
    if (character === "\\") {
      if (!/^(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/.test(text.slice(at + 1, at + 6))) {
        return {
          offset: at,
          message: 'After \\ one of " \\ / b f n r t was expected, or u and four hex digits.',
        };
      }
      at++;
    }
  }
  return { offset: start, message: 'This text has no closing ".' };
}

function refuse(text: string, offset: number, expected: Expected, open: readonly number[]): Mistake {
  const character = text[offset]!;
  if (character === "'") return { offset, message: "JSON has its texts in double quotes: \", not '." };
  if (/^\/[/*]/.test(text.slice(offset, offset + 2))) return { offset, message: "JSON has no comments." };
  const wanted = expected === "comma" ? `a comma, or ${closing(text, open)}` : words[expected];
  return { offset, message: `Expected ${wanted}, and there is ${shown(text, offset)}.` };
}

function unfinished(text: string, expected: Expected, open: readonly number[]): Mistake {
  const offset = text.length;
  if (open.length === 0) return { offset, message: `Expected ${words[expected]}, and there is nothing.` };
  const { line } = textErrorAt(text, open.at(-1)!, "");
  const bracket = text[open.at(-1)!];
  return {
    offset,
    message: `Expected ${closing(text, open)}: the ${bracket} of line ${line} is not closed.`,
  };
}

function closing(text: string, open: readonly number[]): string {
  return text[open.at(-1)!] === "{" ? "}" : "]";
}

function shown(text: string, offset: number): string {
  const end = skip(word, text, offset);
  const found =
    end > offset
      ? text.slice(offset, Math.min(end, offset + 20))
      : String.fromCodePoint(text.codePointAt(offset)!);
  return found === '"' ? "a text" : found;
}

function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : from;
}

/** Text for a terminal: colours where they are wanted, and nothing from outside that could steer it. */
import { styleText } from "node:util";

export type Colour = "green" | "yellow" | "red" | "cyan" | "dim" | "bold";

/** Colours a text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

/** How a stream wants its text painted: on a terminal, unless NO_COLOR says no. */
export function createPaint(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Paint {
  const isPlain = Boolean(environment["NO_COLOR"]) || environment["TERM"] === "dumb" || stream.isTTY !== true;
  return isPlain
    ? (_colour, text) => text
    : (colour, text) => styleText(colour, text, { validateStream: false });
}

// Controls, line separators, and the marks that turn the direction of writing round.
const controls = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text from outside with its control characters written out, so that a terminal only shows it. */
export function escapeControls(text: string): string {
  return text.replaceAll(controls, (character) =>
    character === "\n" ? "⏎" : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** JSON on one line, which may end on a terminal. */
export function stringifyLine(value: unknown): string {
  return escapeInJson(JSON.stringify(value));
}

/** A line of JSON with the controls escaped that JSON allows as they are; it means the same. */
export function escapeInJson(line: string): string {
  if (line.search(controls) === -1) return line;
  return line.replaceAll(
    controls,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

// What has no shape of its own, or turns the direction of what stands beside it: somebody else wrote it.
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const shortForms: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A text with what can't be seen written as JSON would escape it. */
export function visibleText(text: string): string {
  return text.replaceAll(unseen, (character) => shortForms[character] ?? escapeUnits(character));
}

/** The same within a literal of JSON or JavaScript, whose lines stay. */
export function visibleLiteral(literal: string): string {
  return literal.replaceAll(unseen, (character) => (character === "\n" ? character : escapeUnits(character)));
}

function escapeUnits(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}

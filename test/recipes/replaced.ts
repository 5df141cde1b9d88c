/** The text with one part of it replaced, which it must hold: a recipe broken in one place. */
export function replaced(text: string, part: string, by: string): string {
  if (!text.includes(part)) throw new Error(`nothing to replace: ${part}`);
  return text.replace(part, () => by);
}

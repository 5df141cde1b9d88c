/** What an app's answer says, for people: without the markup of a page or the frame of a JSON error. */

const readCharacters = 8_192;
const shownCharacters = 120;
/** Where frameworks put what went wrong, the most telling first. */
const members = ["message", "error", "detail", "errors", "title", "statusMessage"];

/** A body's text: of a page what stands on it, error pages hide the one line that matters behind markup. */
export function plainText(body: string): string {
  const text = body.slice(0, readCharacters).trim();
  if (!text.startsWith("<")) return text;
  return withoutMarkup(text.replaceAll(/<head\b.*?<\/head>/gis, " "));
}

/**
 * The one line of an error that says what went wrong: the message of a JSON error, of a page what it shows of a stack or
 * its title, of a text its first line. `undefined` when there is none.
 */
export function errorLine(body: string): string | undefined {
  const text = body.slice(0, readCharacters).trim();
  const line = text.startsWith("<") ? lineOfPage(text) : (lineOfJson(body) ?? text.split("\n", 1)[0]!.trim());
  if (line === "") return undefined;
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
}

function lineOfPage(page: string): string {
  for (const element of ["pre", "title", "h1"]) {
    const [, , content = ""] =
      new RegExp(`<${element}(\\s[^>]*)?>(.*?)(</${element}>|$)`, "is").exec(page) ?? [];
    const line = withoutMarkup(content.split(/\n|<br/i, 1)[0]!);
    // Express calls every page of an error so.
    if (line !== "" && line !== "Error") return line;
  }
  return plainText(page).split("\n", 1)[0]!;
}

function lineOfJson(body: string): string | undefined {
  if (!/^\s*[{["]/.test(body)) return undefined;
  try {
    return messageIn(JSON.parse(body), 0)?.split("\n", 1)[0]!.trim();
  } catch {
    // Cut, or none after all.
    return undefined;
  }
}

const maxDepth = 3;

function messageIn(value: unknown, depth: number): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || depth > maxDepth) return undefined;
  const candidates = Array.isArray(value)
    ? value.slice(0, 1)
    : members
        .filter((name) => Object.hasOwn(value, name))
        .map((name) => (value as Record<string, unknown>)[name]);
  for (const candidate of candidates) {
    const message = messageIn(candidate, depth + 1);
    if (message !== undefined && message !== "") return message;
  }
  return undefined;
}

const entities: Readonly<Record<string, string>> = {
  quot: '"',
  "#39": "'",
  lt: "<",
  gt: ">",
  nbsp: " ",
  amp: "&",
};

function withoutMarkup(text: string): string {
  return text
    .replaceAll(/<(script|style)\b.*?<\/\1>|<[^>]*>/gis, " ")
    .replaceAll(/&(quot|#39|lt|gt|nbsp|amp);/g, (_, name: string) => entities[name]!)
    .replaceAll(/\s+/g, " ")
    .trim();
}

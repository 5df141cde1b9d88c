/** The README's own code: what it shows is what the tests run. */
import { readFileSync } from "node:fs";

export const readme: string = readFileSync("README.md", "utf8");

/** The code blocks of a language, in the order in which they stand. */
export function codeBlocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, block]) => block!,
  );
}

/** The first block of a language that holds a text. */
export function blockWith(language: string, text: string): string {
  const block = codeBlocks(language).find((code) => code.includes(text));
  if (block === undefined) throw new Error(`the README has no ${language} block with ${text}`);
  return block;
}

/** What stands between `<!-- name: … -->` and `<!-- /name -->`. */
export function section(name: string): string {
  const [, text] = new RegExp(`<!-- ${name}:.*?-->(.*?)<!-- /${name} -->`, "s").exec(readme) ?? [];
  if (text === undefined) throw new Error(`the README has no section ${name}`);
  return text;
}

/** The README's ports, 3000 and 4455 or 4460, may be taken on this machine. */
export function withOwnPorts(text: string, appPort: number, issuerPort: number): string {
  return text.replaceAll(/\b3000\b/g, String(appPort)).replaceAll(/\b44(55|60)\b/g, String(issuerPort));
}

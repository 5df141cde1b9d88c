/** What the shell gets at the Tab key, in the form that it takes. */
import { findCandidates, type Candidate } from "./candidates.ts";

/**
 * Lines for the shell: `:files`, or a candidate each, with its description behind a tab where the shell shows it.
 * @param shell one of `completion`'s
 * @param words as the shell holds them, quotes and all: behind the tool's name, up to the one that is being typed
 * @returns empty whatever goes wrong, for nobody can read an error at the Tab key
 */
export function answerTab(shell: string, words: readonly string[]): string {
  try {
    const typed = shell === "bash" ? joinPieces(words) : words;
    const candidates = findCandidates(typed.map(unquote));
    if (candidates === "files") return ":files\n";
    const format = shell === "bash" ? formatForBash(words.at(-1) ?? "", typed.at(-1) ?? "") : formatDescribed;
    return candidates.map((candidate) => `${format(candidate)}\n`).join("");
  } catch {
    return "";
  }
}

/** Bash breaks `--print=to` into `--print`, `=` and `to`. */
function joinPieces(pieces: readonly string[]): readonly string[] {
  const words: string[] = [];
  for (const piece of pieces) {
    const previous = words.at(-1);
    if (previous !== undefined && (/^[=:]/.test(piece) || /[=:]$/.test(previous))) {
      words[words.length - 1] = previous + piece;
    } else {
      words.push(piece);
    }
  }
  return words;
}

/** Bash replaces the last piece alone, and takes what it gets as it is: a star would be expanded. */
function formatForBash(piece: string, word: string): (candidate: Candidate) => string {
  const replaced = /^[=:]+$/.test(piece) ? "" : piece;
  const kept = unquote(word).length - unquote(replaced).length;
  const isQuoted = /^['"]/.test(replaced);
  return ({ value }) => (isQuoted ? value.slice(kept) : value.slice(kept).replaceAll("*", String.raw`\*`));
}

function formatDescribed({ value, description }: Candidate): string {
  return description === "" ? value : `${value}\t${description}`;
}

/** No candidate has a quote or a backslash of its own. */
function unquote(word: string): string {
  return word.replaceAll(/['"\\]/g, "");
}

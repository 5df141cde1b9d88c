/** What was pressed, told from the characters that a terminal in raw mode hands over. */
export type Press =
  | { readonly kind: "key"; readonly key: string }
  /** What a terminal that is not in raw mode makes a signal of. */
  | { readonly kind: "signal"; readonly signal: "SIGINT" | "SIGQUIT" | "SIGTSTP" };

const signals: ReadonlyMap<string, Extract<Press, { kind: "signal" }>["signal"]> = new Map([
  ["\u0003", "SIGINT"],
  ["\u001c", "SIGQUIT"],
  ["\u001a", "SIGTSTP"],
]);

// ECMA-48: control sequences (arrows and their kin), those of one more character (function keys), and Alt with a key.
const escapes = new RegExp(String.raw`${"\u001b"}(?:\[[0-?]*[ -/]*[@-~]|O.|[^]|$)`, "g");

/**
 * Of all that came at once the first that means something, so that pasted text is not as many presses; a signal goes
 * before, for whoever presses Ctrl-C among other keys means it.
 * @param known the keys that mean something
 */
export function readPress(text: string, known: ReadonlySet<string>): Press | undefined {
  for (const character of text) {
    const signal = signals.get(character);
    if (signal !== undefined) return { kind: "signal", signal };
  }
  const key = text
    .replaceAll(escapes, "")
    .split("")
    .find((character) => known.has(character));
  return key === undefined ? undefined : { kind: "key", key };
}

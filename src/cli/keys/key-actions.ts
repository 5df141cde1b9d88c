/** What the keys do while a command runs, as a table, and what is said of it. */
import type { Paint } from "../output/text.ts";

export interface KeyAction {
  readonly key: string;
  /** Does the same, and is not told of on the one line. */
  readonly alias?: string;
  /** For the one line that tells of all keys. */
  readonly label: string;
  readonly help: string;
  readonly run: () => void | Promise<void>;
}

/** The one line: `keys: r replay · o inspector · …`. */
export function describeKeys(actions: readonly KeyAction[]): string {
  return `keys: ${actions.map(({ key, label }) => `${key} ${label}`).join(" · ")}`;
}

/** A line for each key. */
export function describeKeysInFull(actions: readonly KeyAction[], paint: Paint): string {
  return actions
    .map(({ key, alias, help }) => {
      const names = alias === undefined ? key : `${key} ${alias}`;
      return `  ${paint("bold", names.padEnd(3))}  ${help}`;
    })
    .join("\n");
}

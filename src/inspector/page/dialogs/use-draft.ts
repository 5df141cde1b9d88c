import { useState } from "preact/hooks";

/** As long as the page lives: who closes a dialog by mistake loses nothing. */
const drafts = new Map<string, string>();

export interface Draft {
  readonly text: string;
  readonly isEdited: boolean;
  readonly set: (text: string) => void;
  readonly discard: () => void;
}

/** What is being written about something. @param original what it begins with */
export function useDraft(about: string, original: string): Draft {
  const [, setRound] = useState(0);
  const text = drafts.get(about) ?? original;
  const change = (next: string): void => {
    if (next === original) drafts.delete(about);
    else drafts.set(about, next);
    setRound((round) => round + 1);
  };
  return { text, isEdited: drafts.has(about), set: change, discard: () => change(original) };
}

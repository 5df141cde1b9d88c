/** What the browser keeps for the page. It may be told to keep nothing: then it lasts as long as the page. */

type Kind = "localStorage" | "sessionStorage";

const unkept = new Map<string, string>();

export function readStored(kind: Kind, key: string): string | null {
  try {
    // Where it is not allowed, even asking for it throws.
    return globalThis[kind].getItem(key);
  } catch {
    return unkept.get(key) ?? null;
  }
}

export function writeStored(kind: Kind, key: string, value: string): void {
  try {
    globalThis[kind].setItem(key, value);
  } catch {
    unkept.set(key, value);
  }
}

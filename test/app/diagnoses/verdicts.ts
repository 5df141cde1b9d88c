import type { Settings } from "../../../src/project/settings.ts";
import { createAsk, type Ask } from "../../../src/app/diagnoses/ask.ts";

/** What asks servers, with all the time that a test leaves. */
export function askFreely(limitMs = 10_000): Ask {
  return createAsk(limitMs, new AbortController().signal);
}

/** Variables as a project's `.env` has them. */
export function variablesOf(values: Readonly<Record<string, string>>): Settings["variable"] {
  return (name) =>
    values[name] === undefined ? undefined : { value: values[name], origin: `${name} (.env)` };
}

import { isUserError, type DevhookError } from "../../kinde/errors.ts";

/** `fail` must be fixed before everything works; `skip` could not be tried, or there was nothing to try. */
export type Verdict = "pass" | "warn" | "fail" | "skip";

/** What a check comes to. */
export interface Finding {
  readonly verdict: Verdict;
  /** What was found: a sentence without its full stop. */
  readonly message: string;
  /** What to do about it: whole sentences. */
  readonly advice: string | undefined;
  /** Stable; of `warn` and `fail` alone. */
  readonly code: FindingCode | undefined;
}

export type FindingCode = `ERR_${string}` | `WARN_${string}`;

export function pass(message: string, advice?: string): Finding {
  return { verdict: "pass", message, advice, code: undefined };
}

export function skip(message: string, advice?: string): Finding {
  return { verdict: "skip", message, advice, code: undefined };
}

export function warn(code: `WARN_${string}`, message: string, advice: string): Finding {
  return { verdict: "warn", message, advice, code };
}

export function fail(code: `ERR_${string}`, message: string, advice: string | undefined): Finding {
  return { verdict: "fail", message, advice, code };
}

/** What a command would end with: its cause as the message, what to do as the advice. */
export function failOf(error: DevhookError): Finding {
  const [cause = "", ...advice] = error.message.split(/\. (?=[A-Z])/);
  return fail(error.code, cause.replace(/\.$/, ""), advice.length === 0 ? undefined : advice.join(". "));
}

/** What a check that threw has found: a user's mistake, or one of ours. */
export function findingOf(error: unknown): Finding {
  if (isUserError(error)) return failOf(error);
  const message = `this check has a fault of its own (${error instanceof Error ? error.message : String(error)})`;
  return fail("ERR_INTERNAL", message, `Please report it, for kinde-devhook ${__VERSION__}.`);
}

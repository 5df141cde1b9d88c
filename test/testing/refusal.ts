/** Calls with what no caller with types would give, and what they are refused with. */
import { expect } from "vitest";

/** As JavaScript calls it. */
export type Untyped<Result> = (...args: readonly unknown[]) => Result;

/** What the error names, what was got, what was expected, and the arguments that lead to it. */
export type Row = readonly [names: string, got: string, expected: string, given: readonly unknown[]];

export async function refusalOf(call: Untyped<unknown>, given: readonly unknown[]): Promise<unknown> {
  try {
    return await call(...given);
  } catch (error) {
    return error;
  }
}

export function refused(names: string, got: string, expected: string): object {
  const sentence = [names, "expected ", expected, ", got ", got].map(escape).join(".*");
  return { code: "ERR_INVALID_OPTION", exitCode: 2, message: expect.stringMatching(sentence) as string };
}

/** An object that goes in a circle. */
export function circle(): object {
  const round: Record<string, unknown> = {};
  round["round"] = round;
  return round;
}

/** For a regular expression. */
function escape(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&");
}

import type { CheckRecord } from "./records.ts";
import { escapeControls, type Colour, type Paint } from "./text.ts";

const marks: Readonly<Record<CheckRecord["verdict"], readonly [mark: string, colour: Colour]>> = {
  pass: ["✓", "green"],
  warn: ["!", "yellow"],
  fail: ["✕", "red"],
  skip: ["–", "dim"],
};
// As wide as the longest name of a case.
const caseWidth = "credentials".length;
const indent = " ".repeat(caseWidth + 4);

/** What was found, and under it what to do about it. */
export function describeCheck(check: CheckRecord, paint: Paint): string[] {
  const [mark, colour] = marks[check.verdict];
  const code = check.code === null ? "" : ` ${paint("dim", `(${check.code})`)}`;
  return [
    `${paint(colour, mark)} ${check.case.padEnd(caseWidth)}  ${escapeControls(check.message)}${code}`,
    ...(check.advice === null ? [] : [indent + paint("dim", escapeControls(check.advice))]),
  ];
}

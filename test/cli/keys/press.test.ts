import { describe, expect, test } from "vitest";
import { readPress } from "../../../src/cli/keys/press.ts";

const known = new Set(["r", "q", "?"]);

test.each([
  ["a key that means something", "r", "r"],
  ["a key of punctuation", "?", "?"],
  ["the first of several that mean something", "xqr", "q"],
  ["one key, of a text that was pasted", "a sentence with r, and r, and ?", "r"],
  ["a key behind an arrow", "\u001b[Ar", "r"],
  ["a key behind a character that is two units long", "😀r", "r"],
])("%s is pressed", (_, text, key) => {
  expect(readPress(text, known)).toEqual({ kind: "key", key });
});

test.each([
  ["a key that means nothing", "x"],
  ["the same key in capitals", "R"],
  ["Enter", "\r"],
  ["nothing at all", ""],
  ["an arrow", "\u001b[A"],
  ["an arrow in application mode", "\u001bOA"],
  ["a function key", "\u001b[15~"],
  ["an arrow with Shift", "\u001b[1;2C"],
  ["Alt with a key", "\u001br"],
  ["Escape alone", "\u001b"],
  ["a position that the terminal reports", "\u001b[12;40R"],
])("%s means nothing", (_, text) => {
  expect(readPress(text, known)).toBeUndefined();
});

describe.each([
  ["Ctrl-C", "\u0003", "SIGINT"],
  ["Ctrl-Z", "\u001a", "SIGTSTP"],
  [String.raw`Ctrl-\ `, "\u001c", "SIGQUIT"],
] as const)("%s", (_, character, signal) => {
  test.each([
    ["alone", character],
    ["behind keys that mean something", `rr${character}`],
    ["before them", `${character}q`],
  ])("%s is a signal", (__, text) => {
    expect(readPress(text, known)).toEqual({ kind: "signal", signal });
  });
});

import { describe, expect, test } from "vitest";
import { answerTab } from "../../../src/cli/completion/answer.ts";
import { eventFixture } from "../../../src/kinde/event-types.ts";

describe.each(["zsh", "fish"])("%s", (shell) => {
  test("gets candidates with what they are, behind a tab", () => {
    const { description } = eventFixture("user.created");
    expect(answerTab(shell, ["emit", "user.cr"])).toBe(`user.created\t${description}\n`);
    expect(answerTab(shell, ["emit", "--print", "t"])).toBe("token\n");
  });

  test("gets whole words, and quotes them itself", () => {
    expect(answerTab(shell, ["emit", "--print=t"])).toBe("--print=token\n");
    expect(answerTab(shell, ["emit", "passkey.*"])).toBe("passkey.*\n");
  });
});

describe("bash", () => {
  test.each([
    ["candidates alone", ["emit", "user.cr"], "user.created\n"],
    ["a star that it does not expand", ["emit", "passkey."], "passkey.\\*\npasskey.added\npasskey.removed\n"],
    ["the same behind what was completed already", ["emit", "passkey.\\*"], "passkey.\\*\n"],
    ["a bare star within quotes", ["emit", "'passkey."], "passkey.*\npasskey.added\npasskey.removed\n"],
    ["what follows =, which parts words for it", ["emit", "--print", "=", "t"], "token\n"],
    ["all that may follow =", ["emit", "--print", "="], "token\nclaims\ncurl\nhttp\n"],
    ["whole words where = parts none", ["emit", "--print=t"], "--print=token\n"],
    [
      "what is still free behind a URL, which it breaks",
      ["keys", "--config", "http", ":", "//x", ":", "1", "s"],
      "show\n",
    ],
    ["nothing in place of a value that is not known", ["emit", "--to", "http", ":", "//x", ":"], ""],
  ])("gets %s", (_what, words, expected) => {
    expect(answerTab("bash", words)).toBe(expected);
  });
});

describe.each(["bash", "zsh", "fish"])("%s", (shell) => {
  test("completes files itself", () => {
    expect(answerTab(shell, ["emit", "--data", "fi"])).toBe(":files\n");
  });

  test.each([
    ["for a command that there is not", ["emti", ""]],
    ["for one that is no command's name but an object's", ["constructor", ""]],
    ["behind options that there are not", ["emit", "--colour", "red", "--also", "zzz"]],
    ["for a value that there is not", ["emit", "--print", "zzz"]],
    ["behind an option without the value it needs", ["emit", "--count", "--rate", "zzz"]],
    ["for a flag as a value", ["emit", "--to", "--js"]],
    ["for control characters", ["\u0000", "\u001b[31m", "\n"]],
  ])("gets nothing, and no error, %s", (_when, words) => {
    expect(answerTab(shell, words)).toBe("");
  });
});

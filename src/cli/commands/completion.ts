import { basename } from "node:path";
import { defineCommand, type Command } from "../command.ts";
import { oneOf } from "../values.ts";

const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export const completion: Command = defineCommand({
  name: "completion",
  words: `[${shells.join("|")}]`,
  wordValues: shells,
  describe: "Print the script by which your shell completes commands, options and event types",
  options: {},
  isScript: true,
  examples: [
    [
      "npx kinde-devhook completion bash >> ~/.bashrc",
      "complete at the Tab key, in bash, from the next shell on",
    ],
    ["npx kinde-devhook completion zsh >> ~/.zshrc", "the same in zsh"],
    ["npx kinde-devhook completion fish > ~/.config/fish/conf.d/kinde-devhook.fish", "in fish"],
    ["npx kinde-devhook completion", "the script alone, for the shell that $SHELL names"],
  ],
  run: async ({ words, context: { environment, reporter } }) => {
    const shell = readShell(words, environment["SHELL"]);
    const { scripts } = await import("../completion/shells.ts");
    reporter.print(scripts[shell].trimEnd());
    return 0;
  },
});

/**
 * @param loginShell a path, as `$SHELL` holds it
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
function readShell(words: readonly string[], loginShell = ""): Shell {
  const parse = oneOf(...shells);
  return words.length > 0 ? parse(words.join(" "), "the shell") : parse(basename(loginShell), "$SHELL");
}

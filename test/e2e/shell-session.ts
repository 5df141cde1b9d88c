/** A person at a shell's prompt: what is typed, Tab and all, and what the shell then runs. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";

export type Shell = "bash" | "zsh" | "fish";

export interface ShellSession extends AsyncDisposable {
  /** Types keys and Enter. @returns the words of what ran, behind its name */
  type(keys: string): Promise<readonly string[]>;
  /** All that the terminal showed. */
  readonly shown: () => string;
}

export function hasShell(shell: Shell): boolean {
  return spawnSync(shell, ["--version"]).status === 0 && spawnSync("script", ["--version"]).status === 0;
}

/**
 * Opens a shell in a directory of its own. Its `kinde-devhook`, or its `npx`, answers at the Tab key as the built
 * command line, and else shows how it was called.
 * @param profile what the shell reads at its start
 * @param programs the names by which the tool is on PATH
 */
export async function openShell(
  shell: "bash" | "zsh",
  profile: string,
  programs: readonly ("kinde-devhook" | "npx")[],
): Promise<ShellSession> {
  const home = createTemporaryDirectory();
  for (const program of programs) writeStandIn(home.path, program);
  writeFileSync(join(home.path, shell === "bash" ? "profile" : ".zshrc"), `${profile}\nPS1='prompt> '\n`);
  // Nothing of the machine's own profile.
  const command = shell === "bash" ? "bash --noprofile --rcfile profile -i" : "zsh -d -i";
  const terminal = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: home.path,
    env: {
      HOME: home.path,
      ZDOTDIR: home.path,
      TERM: "dumb",
      SHELL: "/bin/sh",
      // What is typed is kept nowhere: a shell writes it when its terminal has gone, into a directory that goes as well.
      HISTFILE: "",
      PATH: `${home.path}:${process.env["PATH"]}`,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  let seen = 0;
  terminal.stdout.setEncoding("utf8").on("data", (text: string) => (shown += text));
  const closed = once(terminal, "close");
  const waitFor = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(shown.slice(seen));
      if (match !== null) {
        seen += match.index + match[0].length;
        return match;
      }
      await Promise.race([
        once(terminal.stdout, "data"),
        closed.then(() => Promise.reject(new Error(`the shell ended:\n${shown}`))),
      ]);
    }
  };
  await waitFor(/prompt> /);
  return {
    shown: () => shown,
    type: async (keys) => {
      terminal.stdin.write(`${keys}\n`);
      const [, words = ""] = await waitFor(/^ran:(.*?)\r?\n/m);
      await waitFor(/prompt> /);
      return [...words.matchAll(/<(.*?)>/g)].map(([, word]) => word!);
    },
    [Symbol.asyncDispose]: async () => {
      // The shell hangs up with its terminal; told politely, `script` would take two seconds.
      terminal.kill("SIGKILL");
      await closed;
      home[Symbol.dispose]();
    },
  };
}

/** @returns what fish offers for a line, each candidate with its description behind a tab */
export function completeInFish(
  line: string,
  profile: string,
  programs: readonly ("kinde-devhook" | "npx")[],
): string {
  using home = createTemporaryDirectory();
  for (const program of programs) writeStandIn(home.path, program);
  writeFileSync(join(home.path, "data.json"), "{}");
  // Where the README has it installed, and where fish itself looks: what lies elsewhere it would not read behind npx.
  const configuration = join(home.path, ".config/fish/conf.d");
  mkdirSync(configuration, { recursive: true });
  writeFileSync(join(configuration, "kinde-devhook.fish"), profile);
  const { stdout, stderr } = spawnSync("fish", ["-c", `complete -C ${JSON.stringify(line)}`], {
    cwd: home.path,
    env: { HOME: home.path, PATH: `${home.path}:${process.env["PATH"]}` },
    encoding: "utf8",
  });
  return stdout + stderr;
}

function writeStandIn(directory: string, program: string): void {
  const tool = `"${process.execPath}" "${join(process.cwd(), "dist/cli.js")}"`;
  const path = join(directory, program);
  const lines = [
    "#!/bin/sh",
    ...(program === "npx" ? ['[ "$1" = kinde-devhook ] && shift'] : []),
    // Whoever presses Tab has not asked npx to fetch anything.
    `if [ "$1" = completion ]; then [ "$npm_config_offline $npm_config_yes" = "true false" ] && exec ${tool} "$@"; exit 1; fi`,
    `printf 'ran:'; printf ' <%s>' "$@"; echo`,
  ];
  writeFileSync(path, `${lines.join("\n")}\n`);
  chmodSync(path, 0o755);
}

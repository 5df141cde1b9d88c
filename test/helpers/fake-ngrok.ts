/** Stand-ins for what a user may have of ngrok: the command, and the package. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * What comes of it: a tunnel; nothing at all; an end without a word (`mute`) or with words on stderr alone (`stderr`);
 * any other text is the error that is logged.
 */
export type FakeNgrokMode = "open" | "silent" | "mute" | "stderr" | (string & {});

export interface FakeNgrokCommand {
  /** To be put first into PATH. */
  readonly directory: string;
  /** Of the process started last. */
  readonly pid: number;
  /** `start <pid> <arguments>` and `end`, in order. */
  readonly notes: readonly string[];
}

const helpers = pathToFileURL(import.meta.dirname).href;

/** Installs the command `ngrok` in a directory. */
export function installNgrokCommand(directory: string, mode: FakeNgrokMode): FakeNgrokCommand {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "ngrok");
  const call = `runFakeNgrok(${JSON.stringify(directory)}, ${JSON.stringify(mode)}, process.argv.slice(2))`;
  writeFileSync(
    path,
    `#!${process.execPath}\nimport("${helpers}/fake-ngrok-command.mjs").then(({ runFakeNgrok }) => ${call});\n`,
  );
  chmodSync(path, 0o755);
  const notes = (): readonly string[] => {
    const log = join(directory, "ngrok.log");
    return existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : [];
  };
  return {
    directory,
    get pid() {
      const started = notes().filter((note) => note.startsWith("start"));
      return Number(started.at(-1)?.split(" ")[1]);
    },
    get notes() {
      return notes();
    },
  };
}

/** Installs the package `@ngrok/ngrok` in a project; an error is thrown as the package's own do. */
export function installNgrokPackage(project: string, mode: FakeNgrokMode | "broken" | "other"): void {
  const directory = join(project, "node_modules/@ngrok/ngrok");
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, "package.json"),
    `{"name":"@ngrok/ngrok","version":"1.7.0","main":"index.js"}`,
  );
  writeFileSync(join(directory, "index.js"), packageSource(mode));
}

function packageSource(mode: string): string {
  if (mode === "broken") return `throw new Error("Failed to load native binding\\nand more of it");`;
  if (mode === "other") return `exports.connect = () => {};`;
  const forward =
    mode === "open"
      ? `const { url, close } = await (await import("${helpers}/forward-http.mjs")).forwardHttp(addr);
         return { url: () => url, close };`
      : mode === "silent"
        ? `return await new Promise(() => {});`
        : `throw new Error(${JSON.stringify(mode)});`;
  return `exports.forward = async ({ addr, authtoken_from_env }) => {
    if (authtoken_from_env !== true) throw new Error("no token was asked for");
    ${forward}
  };`;
}

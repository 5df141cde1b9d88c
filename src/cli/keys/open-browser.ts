/** Opens a URL in the user's browser. */
import { spawn } from "node:child_process";
import { once } from "node:events";

type Environment = Readonly<Record<string, string | undefined>>;

// One that was started and has not failed by then shows the page.
const failsWithinMs = 1_000;

/**
 * @param startedAfterMs how long a program must not fail to count as started
 * @returns whether a browser was started; not from afar, where it would open on a screen that nobody sits at
 */
export async function openBrowser(
  url: string,
  environment: Environment,
  platform: NodeJS.Platform,
  startedAfterMs: number = failsWithinMs,
): Promise<boolean> {
  for (const [program, ...args] of browserCommands(url, environment, platform)) {
    if (program !== undefined && (await start(program, args, startedAfterMs))) return true;
  }
  return false;
}

/** The commands to try, in their order; each its words. */
export function browserCommands(
  url: string,
  environment: Environment,
  platform: NodeJS.Platform,
): readonly (readonly string[])[] {
  if (environment["SSH_CONNECTION"] || environment["SSH_TTY"]) return [];
  const wanted = environment["BROWSER"];
  if (wanted) return wanted === "none" ? [] : wantedCommands(wanted, url, platform);
  if (platform === "darwin") return [["open", url]];
  // `start` is a word of the shell's, to which a URL would be a line of its own language.
  if (platform === "win32") return [["rundll32", "url.dll,FileProtocolHandler", url]];
  const isWsl = Boolean(environment["WSL_DISTRO_NAME"]);
  const hasScreen = isWsl || Boolean(environment["DISPLAY"] || environment["WAYLAND_DISPLAY"]);
  return [...(isWsl ? [["wslview", url]] : []), ...(hasScreen ? [["xdg-open", url]] : [])];
}

/** As `xdg-open` reads it: commands apart by colons, `%s` for the URL. On Windows a colon is part of a path. */
function wantedCommands(wanted: string, url: string, platform: NodeJS.Platform): string[][] {
  if (platform === "win32") return [[wanted, url]];
  return wanted.split(":").map((command) => {
    const words = command.split(" ").filter((word) => word !== "");
    return words.some((word) => word.includes("%s"))
      ? words.map((word) => word.replaceAll("%s", () => url))
      : [...words, url];
  });
}

/** Without a shell, and for itself: it may go on after this process, and says nothing here. */
async function start(program: string, args: readonly string[], startedAfterMs: number): Promise<boolean> {
  const child = spawn(program, args, { detached: true, stdio: "ignore" });
  child.unref();
  try {
    const [code] = (await once(child, "exit", { signal: AbortSignal.timeout(startedAfterMs) })) as unknown[];
    return code === 0;
  } catch (error) {
    return error instanceof Error && error.name === "AbortError";
  }
}

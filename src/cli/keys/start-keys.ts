/**
 * The keys of a command at its terminal, from the line that tells of them to the end of the command. What commands
 * have already is handed in: imported here, it would lie in files of its own, which every command would load at its start.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isUserError } from "../../kinde/errors.ts";
import type { Context } from "../command.ts";
import { isInForeground } from "../foreground.ts";
import { describeKeys, type KeyAction } from "./key-actions.ts";
import { createKeyRunner } from "./key-runner.ts";
import { openBrowser } from "./open-browser.ts";
import { createSessionKeys, type SessionKeysOptions } from "./session-keys.ts";
import { readTerminalKeys, type TerminalKeys } from "./terminal-keys.ts";

export interface StartKeysOptions
  extends
    Pick<SessionKeysOptions, "latest" | "shown" | "whenNone" | "replay" | "describe" | "inspectorUrl">,
    Partial<Pick<SessionKeysOptions, "forwarding">> {
  readonly context: Pick<Context, "stdin" | "environment" | "reporter" | "interruption">;
  /** Called before anything is said here. */
  readonly beforeOutput?: () => void;
}

// How soon keys come on after `fg`, of which a shell does not always tell.
const lookEveryMs = 2_000;
// Everything, what has scrolled away too, and the cursor home.
const clearSequence = "\u001b[2J\u001b[3J\u001b[H";

/** Takes the terminal as soon as it is this process's own. */
export function startKeys(options: StartKeysOptions): TerminalKeys {
  const { context, beforeOutput = () => {} } = options;
  const { reporter, interruption, environment } = context;
  const { paint } = reporter;
  const print = (text: string): void => {
    beforeOutput();
    reporter.print(text);
  };
  const note = (text: string): void => {
    beforeOutput();
    reporter.note(text);
  };
  const tellKeys = (): void => print(paint("dim", describeKeys(actions)));
  const actions: readonly KeyAction[] = createSessionKeys({
    ...options,
    forwarding: options.forwarding,
    openBrowser: async (url) => await openBrowser(url, environment, process.platform),
    clearScreen: () => {
      if (environment["TERM"] === "dumb") return false;
      reporter.flush();
      process.stdout.write(clearSequence);
      return true;
    },
    tellKeys,
    quit: interruption.quit,
    paint,
    print,
    note,
  });
  const keys = readTerminalKeys({
    stdin: context.stdin,
    keys: new Set(actions.flatMap(({ key, alias }) => (alias === undefined ? [key] : [key, alias]))),
    onKey: createKeyRunner(actions, {
      now: () => performance.now(),
      onError: (error) => note(describeError(error)),
    }),
    onTaken: tellKeys,
    isInForeground,
    untilNextLook: async (signal) =>
      await sleep(lookEveryMs, undefined, { signal, ref: false }).catch(() => {}),
    onExit: interruption.onExit,
  });
  // What is under way at the end is ended by a Ctrl-C that nobody here has to read.
  interruption.stop.addEventListener("abort", keys.close, { once: true });
  return keys;
}

/** One line, and no end of the command: whoever has pressed a key can press another. */
function describeError(error: unknown): string {
  if (isUserError(error)) return `${error.message} (${error.code})`;
  return `a bug in kinde-devhook ${__VERSION__}; please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

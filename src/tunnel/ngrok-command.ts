/**
 * ngrok by its command: started for this tunnel, and ended with it.
 * Source: ngrok's documentation, "ngrok Agent CLI", for the flags; its users' logs for the lines.
 */
import spawn from "cross-spawn";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { settleWithin, unlessAborted, type Clock } from "../delivery/clock.ts";
import { systemErrorCode } from "../kinde/errors.ts";
import { isJsonObject } from "../kinde/json.ts";
import { ngrokError, ngrokFailed } from "./ngrok-error.ts";
import type { NgrokTunnel } from "./ngrok-tunnel.ts";
import type { TunnelError } from "./tunnel.ts";

export interface NgrokCommandOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onExit: (end: () => void) => () => void;
  readonly clock: Clock;
}

// Without a network it tries for ever.
const openTimeoutMs = 10_000;
const endTimeoutMs = 1_000;
const maxStderrLength = 4_096;

/** @returns `undefined` when there is no such command */
export async function openByCommand(
  localPort: number,
  signal: AbortSignal,
  { environment, onExit, clock }: NgrokCommandOptions,
): Promise<NgrokTunnel | undefined> {
  const child = await start(localPort, environment);
  if (child === undefined) return undefined;
  const forget = onExit(() => child.kill());
  const log = readLog(child);
  const closed = new Promise<string>((resolve) => {
    child.once("close", (code, by) => {
      forget();
      resolve(by ?? `exit code ${code}`);
    });
  });
  const end = async (): Promise<void> => {
    child.kill();
    await settleWithin([closed], endTimeoutMs, clock);
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  };
  const settled = new AbortController();
  try {
    const publicUrl = await unlessAborted(
      Promise.race([
        log.url,
        log.refusal.then((said) => Promise.reject(ngrokError(said, { isPassing: true }))),
        closed.then((how) => Promise.reject(failure(log, `ngrok has ended at once (${how})`, false))),
        clock
          .wait(openTimeoutMs, settled.signal)
          .then(() =>
            Promise.reject(failure(log, `ngrok opens none within ${openTimeoutMs / 1000} s`, true)),
          ),
      ]),
      signal,
    );
    return { publicUrl, lost: closed.then((how) => `ngrok has ended (${how})`), end };
  } catch (error) {
    await end();
    throw error;
  } finally {
    settled.abort();
  }
}

function failure(log: NgrokLog, reason: string, isPassing: boolean): TunnelError {
  const said = log.said();
  return said === undefined ? ngrokFailed(reason, { isPassing }) : ngrokError(said, { isPassing });
}

async function start(
  localPort: number,
  environment: NgrokCommandOptions["environment"],
): Promise<ChildProcess | undefined> {
  try {
    const args = ["http", String(localPort), "--log", "stdout", "--log-format", "json"];
    const child = spawn("ngrok", args, {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      // Ctrl-C at the terminal reaches every process of its group; this one has to carry our last answers yet.
      detached: true,
      windowsHide: true,
    });
    await once(child, "spawn");
    child.on("error", () => {});
    return child;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    const why = systemErrorCode(error) ?? String(error);
    throw ngrokFailed(`the command ngrok can't be run (${why})`, { isPassing: false });
  }
}

interface NgrokLog {
  /** The public URL, once it is said. */
  readonly url: Promise<URL>;
  /** What ngrok's service has said, with its code: trying on does not help. */
  readonly refusal: Promise<string>;
  /** The latest error. */
  said(): string | undefined;
}

/** Reads for as long as the process lives: a pipe that nobody empties would stop it. */
function readLog(child: ChildProcess): NgrokLog {
  let latest: string | undefined;
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(0, maxStderrLength);
  });
  let open: (url: URL) => void = () => {};
  let refuse: (said: string) => void = () => {};
  const url = new Promise<URL>((resolve) => (open = resolve));
  const refusal = new Promise<string>((resolve) => (refuse = resolve));
  createInterface({ input: child.stdout!, crlfDelay: Infinity }).on("line", (line) => {
    const entry = readEntry(line);
    if (entry === undefined) return;
    const { msg, url: said, lvl, err } = entry;
    if (msg === "started tunnel" && typeof said === "string" && /^https?:/.test(said) && URL.canParse(said)) {
      open(new URL(said));
    }
    if ((lvl === "eror" || lvl === "crit") && typeof err === "string") {
      latest = err;
      if (/ERR_NGROK_\d/.test(err)) refuse(err);
    }
  });
  return { url, refusal, said: () => latest ?? (stderr.trim() === "" ? undefined : stderr) };
}

function readEntry(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return isJsonObject(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads single keys from the terminal while this process has it, and gives it back as it was: at the end, when the
 * process is stopped, and to whoever has it while the process runs in the background.
 */
import { readPress, type Press } from "./press.ts";

export interface TerminalKeysOptions {
  readonly stdin: NodeJS.ReadStream;
  /** The keys that mean something. */
  readonly keys: ReadonlySet<string>;
  readonly onKey: (key: string) => void;
  /** The terminal was taken, for the first time or once more. */
  readonly onTaken: () => void;
  /** Whether this process may touch the terminal: from the background that would stop it. */
  readonly isInForeground: () => Promise<boolean>;
  /** Resolves when it is time to look again whether it may, or when the signal is aborted. */
  readonly untilNextLook: (signal: AbortSignal) => Promise<void>;
  /** Has something done when this process ends. @returns takes it back */
  readonly onExit: (end: () => void) => () => void;
}

export interface TerminalKeys {
  /** Reads no more, and gives the terminal back. */
  close(): void;
}

/** Unheard these end the process, or stop it, before it could give the terminal back. */
const unheard = ["SIGQUIT", "SIGTSTP", "SIGABRT", "SIGUSR2"] as const;

export function readTerminalKeys(options: TerminalKeysOptions): TerminalKeys {
  const { stdin, keys, onKey, onTaken, isInForeground, untilNextLook } = options;
  const ended = new AbortController();
  let isTaken = false;
  let isLooking = false;
  /** Stopped by what was passed on, as far as is known: that it goes on was not heard yet. */
  let isStopped = false;

  const take = (isTold: boolean): void => {
    isTaken = true;
    for (const signal of unheard) process.on(signal, onSignal);
    stdin.on("data", onData);
    // What is raw as far as Node knows a shell may have set otherwise meanwhile.
    stdin.setRawMode(false);
    stdin.setRawMode(true);
    if (ended.signal.aborted) return;
    stdin.resume();
    // The command decides when it ends, not a terminal that may still have something to say.
    stdin.unref();
    if (!isTold) onTaken();
  };
  /** @param mayTouch whether the terminal is still this process's own */
  const leave = (mayTouch: boolean): void => {
    if (!isTaken) return;
    isTaken = false;
    for (const signal of unheard) process.off(signal, onSignal);
    stdin.off("data", onData);
    stdin.pause();
    if (mayTouch && !stdin.destroyed) stdin.setRawMode(false);
  };
  const giveBack = (): void => leave(true);
  /** Takes the terminal as soon as the process is in its foreground. */
  const look = async (isTold = false): Promise<void> => {
    if (isTaken || isLooking) return;
    isLooking = true;
    while (!(await isInForeground()) && !ended.signal.aborted) await untilNextLook(ended.signal);
    isLooking = false;
    if (!ended.signal.aborted) take(isTold);
  };

  /** Has the system do what a signal does unheard, with the terminal given back. @param target 0 for the whole group */
  const pass = (signal: NodeJS.Signals, target: number): void => {
    giveBack();
    isStopped = true;
    process.kill(target, signal);
    // Comes here when the process goes on, or at once where nothing could stop it.
    void look();
  };
  const onSignal = (signal: NodeJS.Signals): void => pass(signal, process.pid);
  /** After a stop of whatever kind, perhaps in the background now. */
  const onContinue = async (): Promise<void> => {
    const mayTouch = await isInForeground();
    // What was stopped here has taken the terminal by now, and told so.
    const isTold = isStopped && isTaken;
    isStopped = false;
    leave(mayTouch);
    await look(isTold);
  };
  const onData = (text: string): void => {
    const press = readPress(text, keys);
    if (press?.kind === "key") onKey(press.key);
    else if (press !== undefined) raise(press);
  };
  /** For all of the group, as the terminal itself would have it. */
  const raise = ({ signal }: Extract<Press, { kind: "signal" }>): void => {
    if (process.platform !== "win32") return signal === "SIGINT" ? interruptGroup() : pass(signal, 0);
    // Windows has no signals to be sent: it would end this process at once.
    if (signal === "SIGINT") process.emit("SIGINT");
  };

  const close = (): void => {
    if (ended.signal.aborted) return;
    ended.abort();
    giveBack();
    process.off("SIGCONT", onContinue);
    forgetExit();
  };
  const forgetExit = options.onExit(giveBack);
  stdin.setEncoding("utf8");
  // The terminal was closed; and what fails later is nobody's any more.
  stdin.on("error", close);
  stdin.on("end", close);
  process.on("SIGCONT", onContinue);
  void look();
  return { close };
}

function interruptGroup(): void {
  process.kill(0, "SIGINT");
}

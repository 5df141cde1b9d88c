/** Ctrl-C, a terminal that is closed, and their kin: the first signal asks to stop, what is under way gets a moment, a second ends at once. */
export interface Interruption {
  /** Aborted by the first signal, or by `quit`: begin nothing new. */
  readonly stop: AbortSignal;
  /** Aborted when the moment is over: cut off what is under way. */
  readonly abort: AbortSignal;
  /** The signal that came, if one did. */
  readonly signal: () => EndingSignal | undefined;
  /** Asks to stop as the first signal does; how the command ends is its own affair. */
  readonly quit: () => void;
  /** Ends all that is under way, as nobody reads any more what comes of it. */
  readonly endForBrokenPipe: () => void;
  /**
   * From now on signals, every one that comes, are handed to the receiver and end nothing here. The same holds for a
   * reader that goes away: what runs is another's command, and when it ends is its own affair.
   */
  readonly handOver: (receive: (signal: NodeJS.Signals) => void) => void;
  /**
   * Has something done, at once, when this process ends in whatever way a process can notice.
   * @returns takes it back
   */
  readonly onExit: (end: () => void) => () => void;
}

/** How long what is under way may take after the first signal. */
export const graceMs = 2_000;

/** The exit code that shells expect of an ended process: 128 and the signal's number. */
export const signalExitCodes = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;

/** What ends a command before it is done; SIGPIPE stands for a reader that has gone, for Node never delivers it. */
export type EndingSignal = keyof typeof signalExitCodes;

/** Without a receiver these do what the system, and Node, have them do: most end the process. */
const handedOverOnly = ["SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** Listens for the signals of this process, once. */
export function listenForSignals(): Interruption {
  const stop = new AbortController();
  const abort = new AbortController();
  let received: EndingSignal | undefined;
  let receiver: ((signal: NodeJS.Signals) => void) | undefined;
  const askToStop = (): void => {
    stop.abort();
    // The process may be done before; it does not stay for this.
    setTimeout(() => abort.abort(), graceMs).unref();
  };
  // Unheard, the end of the terminal would end this process at once, and what it has opened elsewhere would stay.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (receiver !== undefined) {
        receiver(signal);
        return;
      }
      // A terminal that is closed is nobody's impatience, and its shell may tell it once more.
      if (stop.signal.aborted && signal === "SIGHUP") return;
      if (stop.signal.aborted) process.exit(signalExitCodes[received ?? signal]);
      received = signal;
      askToStop();
    });
  }
  return {
    stop: stop.signal,
    abort: abort.signal,
    signal: () => received,
    quit: () => {
      if (!stop.signal.aborted) askToStop();
    },
    endForBrokenPipe: () => {
      if (receiver !== undefined) return;
      received ??= "SIGPIPE";
      stop.abort();
      abort.abort();
    },
    handOver: (receive) => {
      receiver = receive;
      for (const signal of handedOverOnly) process.on(signal, receive);
    },
    onExit: (end) => {
      process.on("exit", end);
      return () => void process.off("exit", end);
    },
  };
}

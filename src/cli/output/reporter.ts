/** Where everything a command says goes out: records as NDJSON or as lines, notes for people, progress on a terminal. */
import { describeRecord } from "./human.ts";
import type { OutputRecord } from "./records.ts";
import { createPaint, escapeControls, stringifyLine, type Paint } from "./text.ts";

export interface Reporter {
  readonly isJson: boolean;
  /** How wide the terminal is that stdout goes to; `undefined` when it goes elsewhere. */
  readonly columns: number | undefined;
  /** Paints text for stdout. */
  readonly paint: Paint;
  /** A record: NDJSON on stdout with `--json`, else its lines. */
  record(record: OutputRecord): void;
  /** The same for one that is a line of NDJSON already. */
  recordLine(line: string): void;
  /** Writes out the records that wait for others, to go out in one write. */
  flush(): void;
  /**
   * Resolves when what was written before is out, or can't be any more: who writes much holds no more of it than that.
   * @param signal ends the waiting; a reader may never read
   */
  drained(signal?: AbortSignal): Promise<void>;
  /** Text for people on stdout; on stderr with `--json`. */
  print(text: string): void;
  /** Text for people beside the output, on stderr. */
  note(text: string): void;
  /** The one line that is overwritten while work goes on; only on a terminal. `undefined` takes it away. */
  progress(text: string | undefined): void;
}

export interface ReporterStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

// Of a hundred records a write, each costs a tenth; nobody notices the time.
const gatherMs = 5;
const clearLine = "\r\u001b[2K";

export function createReporter(
  { stdout, stderr }: ReporterStreams,
  environment: Readonly<Record<string, string | undefined>>,
  isJson: boolean,
): Reporter {
  const paint = createPaint(stdout, environment);
  const paintError = createPaint(stderr, environment);
  let shown: string | undefined;

  /** Writes lines without mixing them with the progress line. */
  const write = (stream: NodeJS.WriteStream, lines: readonly string[]): void => {
    if (lines.length === 0) return;
    if (shown !== undefined) stderr.write(clearLine);
    stream.write(lines.map((line) => `${line}\n`).join(""));
    if (shown !== undefined) stderr.write(shown);
  };

  let waiting: string[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    const lines = waiting;
    waiting = [];
    write(stdout, lines);
  };
  const recordLine = (line: string): void => {
    if (waiting.push(line) === 1) setTimeout(flush, gatherMs);
  };

  return {
    isJson,
    get columns() {
      return stdout.isTTY ? stdout.columns : undefined;
    },
    paint,
    recordLine,
    flush,
    drained: async (signal) => {
      flush();
      await Promise.all([drain(stdout, signal), drain(stderr, signal)]);
    },
    record: (record) => {
      if (isJson) {
        const { record: name, ...rest } = record;
        recordLine(stringifyLine({ record: name, at: new Date().toISOString(), ...rest }));
        return;
      }
      const isChatter = record.record === "warning";
      write(isChatter ? stderr : stdout, describeRecord(record, isChatter ? paintError : paint));
    },
    print: (text) => {
      flush();
      write(isJson ? stderr : stdout, [text]);
    },
    note: (text) => {
      flush();
      write(stderr, [paintError("dim", escapeControls(text))]);
    },
    progress: (text) => {
      if (!stderr.isTTY || text === shown) return;
      // A line that wraps could not be taken away again.
      stderr.write(
        text === undefined ? clearLine : clearLine + text.slice(0, (stderr.columns ?? Infinity) - 1),
      );
      shown = text;
    },
  };
}

async function drain(stream: NodeJS.WriteStream, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      signal?.removeEventListener("abort", end);
      resolve();
    };
    signal?.addEventListener("abort", end);
    stream.write("", end);
  });
}

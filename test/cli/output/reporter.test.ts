import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { createReporter, type Reporter, type ReporterStreams } from "../../../src/cli/output/reporter.ts";

const clearLine = "\r\u001b[2K";

/** A reporter and what it has written so far, both streams as one terminal shows them. */
function startReporter(options: { isJson?: boolean; isTerminal?: boolean } = {}): {
  reporter: Reporter;
  written: { stdout: string; stderr: string; both: string };
} {
  const written = { stdout: "", stderr: "", both: "" };
  const stream = (name: "stdout" | "stderr"): NodeJS.WriteStream => {
    const passThrough = new PassThrough({ encoding: "utf8" });
    passThrough.write = (text: string) => {
      written[name] += text;
      written.both += text;
      return true;
    };
    return Object.assign(passThrough, {
      isTTY: options.isTerminal ?? false,
    }) as unknown as NodeJS.WriteStream;
  };
  const streams: ReporterStreams = { stdout: stream("stdout"), stderr: stream("stderr") };
  return { reporter: createReporter(streams, { NO_COLOR: "1" }, options.isJson ?? false), written };
}

const warning = { record: "warning", code: "WARN_X", message: "take \u001b[31mcare" } as const;

describe("with --json", () => {
  test("records go to stdout and text for people to stderr", () => {
    const { reporter, written } = startReporter({ isJson: true });
    reporter.record(warning);
    reporter.print("printed");
    reporter.note("noted");
    expect(JSON.parse(written.stdout)).toEqual({ ...warning, at: expect.any(String) });
    expect(Object.keys(JSON.parse(written.stdout) as object).slice(0, 2)).toEqual(["record", "at"]);
    expect(written.stderr).toBe("printed\nnoted\n");
  });
});

describe("for people", () => {
  test("what was asked for goes to stdout, warnings and notes to stderr, without controls from outside", () => {
    const { reporter, written } = startReporter();
    reporter.record(warning);
    reporter.note("noted\u001b[2J");
    reporter.print("printed");
    reporter.record({ record: "exit", code: 0, reason: "done" });
    expect(written.stdout).toBe("printed\n");
    expect(written.stderr).toBe("warning take \\u001b[31mcare (WARN_X)\nnoted\\u001b[2J\n");
  });
});

test("what was written is drained once somebody has read it", async () => {
  const stdout = new PassThrough({ highWaterMark: 1 });
  const streams = { stdout, stderr: new PassThrough() } as unknown as ReporterStreams;
  const reporter = createReporter(streams, {}, true);
  reporter.record({ record: "exit", code: 0, reason: "done" });
  let isDrained = false;
  const drained = reporter.drained().then(() => (isDrained = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isDrained).toBe(false);
  stdout.resume();
  await drained;
});

test("what nobody reads is waited for until the signal", async () => {
  const streams = { stdout: new PassThrough({ highWaterMark: 1 }), stderr: new PassThrough() };
  const reporter = createReporter(streams as unknown as ReporterStreams, {}, true);
  reporter.record({ record: "exit", code: 0, reason: "done" });
  const ended = new AbortController();
  const drained = reporter.drained(ended.signal);
  ended.abort();
  await expect(drained).resolves.toBeUndefined();
  await expect(reporter.drained(ended.signal), "once it has come").resolves.toBeUndefined();
});

describe("progress", () => {
  test("is not shown where there is no terminal", () => {
    const { reporter, written } = startReporter();
    reporter.progress("1 of 2");
    reporter.progress(undefined);
    expect(written.both).toBe("");
  });

  test("is overwritten by the next, and taken away by nothing", () => {
    const { reporter, written } = startReporter({ isTerminal: true });
    reporter.progress("1 of 2");
    reporter.progress("2 of 2");
    reporter.progress(undefined);
    reporter.progress(undefined);
    expect(written.both).toBe(`${clearLine}1 of 2${clearLine}2 of 2${clearLine}`);
  });

  test("makes way for a line and comes back under it", () => {
    const { reporter, written } = startReporter({ isTerminal: true });
    reporter.progress("1 of 2");
    reporter.print("line");
    expect(written.both).toBe(`${clearLine}1 of 2${clearLine}line\n1 of 2`);
  });
});

/** What reaches the terminal, and what does not. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { isCi } from "../helpers/ci.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { reply } from "./app.ts";
import { createProject, onlyDelivery, type TestProject } from "./project.ts";

const controls = /(?!\n)\p{Cc}|[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const clearLine = "\r\u001b[2K";

const nastyText =
  "\u001b]0;title\u0007\u001b[2J\u001b[31mred\r\b\u0000\u009b31m\u0085\u202egnp.exe\u2028 end";

describe("control characters from the app", () => {
  const inBody = reply(400, nastyText);
  const inLocation: Answer = ({ socket }) => {
    // Node's own server would refuse to send such a header.
    socket?.end(
      Buffer.from(
        `HTTP/1.1 302 Fo\u001b[31mund\r\nLocation: /a\u001b[2J\u009b31m\u0085\r\nContent-Length: 0\r\n\r\n`,
        "latin1",
      ),
    );
  };

  test.each([
    ["body", inBody, []],
    ["body", inBody, ["--json"]],
    ["Location", inLocation, []],
    ["Location", inLocation, ["--json"]],
  ])("in its %s never reach stdout or stderr (%#)", async (_where, answer, flags) => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [answer] });
    const { code, stdout, stderr } = await project.run(["emit", "user.created", "--to", app.url, ...flags]);
    expect(code).toBe(1);
    expect(stdout).not.toMatch(controls);
    expect(stderr).not.toMatch(controls);
  });

  test("in its body are in the record nevertheless", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [inBody] });
    const result = await project.run(["emit", "user.created", "--to", app.url, "--json"]);
    expect(onlyDelivery(result).attempts[0]!.response!.body).toBe(nastyText);
  });

  test("never reach the terminal of a mock either", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [inBody] });
    await using mock = project.start(["mock", "--webhook", app.url]);
    await mock.line(/^ready/);
    await project.run(["emit", "user.created"]);
    mock.child.kill("SIGINT");
    const { stdout, stderr } = await mock.ended;
    expect(stdout).toContain("red");
    expect(stdout + stderr).not.toMatch(controls);
  });

  test.each([
    ["an event type", ["emit", "user.\u001b[31mcreated"]],
    ["a command", ["em\u009bit"]],
    ["a flag", ["emit", "user.created", "--co\u001b[31munt"]],
    ["a flag's value", ["emit", "user.created", "--to", "\u001b[31m"]],
    ["a path", ["emit", "user.created", "--set", "us\u009ber.x=1", "--print", "token"]],
    ["a file's name", ["emit", "user.created", "--data", "\u001b[31m.json"]],
  ])("given as %s are shown, not obeyed", async (_what, args) => {
    using project = await createProject();
    const { stderr } = await project.run(args);
    expect(stderr).not.toMatch(controls);
    expect(stderr).toMatch(/\\u00(1b|9b)/);
  });
});

test("a long answer is shown by its beginning", async () => {
  using project = await createProject();
  await using app = await startReceiver({
    answers: [reply(500, `<html>\n${"x".repeat(5000)}`)],
  });
  const { stdout } = await project.run(["emit", "user.created", "--to", app.url]);
  expect(Math.max(...stdout.split("\n").map(({ length }) => length))).toBeLessThan(200);
  expect(stdout).toContain(`"${"x".repeat(80)}…"`);
});

describe("a reader that stops reading", () => {
  test.each([
    ["emit with --json", ["emit", "*", "--count", "50", "--json"]],
    ["emit", ["emit", "*", "--count", "3"]],
    ["--print", ["emit", "*", "--count", "50", "--print", "token"]],
    ["triggers", ["triggers", "*"]],
    ["help", ["emit", "--help"]],
  ])("ends `%s` quietly", async (_command, args) => {
    using project = await createProject();
    await using app = await startReceiver();
    const line = ["node", ...args].map((arg) => `'${arg}'`).join(" ");
    const { status, stdout, stderr } = await runShell(
      project,
      `${line} 2>err | head -1; cat err >&2`,
      app.url,
    );
    expect(status).toBe(0);
    expect(stdout.split("\n")).toHaveLength(2);
    expect(stderr).not.toMatch(/EPIPE|^\s+at /m);
  });
});

test("an emit whose reader has gone delivers no more, ends with 141 and leaves nothing behind", async () => {
  using project = await createProject();
  await using app = await startReceiver();
  const emit = "'node' emit user.created --count 100000 --json";
  const { stdout } = await runShell(
    project,
    `{ ${emit}; echo $? >code; } | head -1 >/dev/null; cat code`,
    app.url,
  );
  expect(stdout).toBe("141\n");
  expect(project.readRunFile()).toBeUndefined();
  expect(app.requests.length).toBeLessThan(100_000);
});

test("an error page is shown by its text", async () => {
  using project = await createProject();
  const page =
    "<!DOCTYPE html><html><head><title>Error</title></head><body><pre>Error: db &quot;main&quot; is down</pre></body>";
  await using app = await startReceiver({ answers: [reply(500, page, { "content-type": "text/html" })] });
  const { stdout } = await project.run(["emit", "user.created", "--to", app.url]);
  expect(stdout).toContain(String.raw`"Error: db \"main\" is down"`);
});

describe("colours", () => {
  test("are not in what is piped", async () => {
    using project = await createProject();
    const { stdout } = await project.run(["triggers"], {
      env: { NO_COLOR: undefined, TERM: "xterm-256color" },
    });
    expect(stdout).not.toMatch(controls);
  });
});

describe.skipIf(spawnSync("script", ["--version"]).status !== 0 && !isCi)("on a terminal", () => {
  const terminal = { TERM: "xterm-256color", NO_COLOR: undefined };

  test("the progress of many deliveries is shown and taken away, and the summary stays", async () => {
    using project = await createProject();
    // Slow enough for a second line of progress, whatever the machine.
    let left = 200;
    await using app = await startReceiver({
      answers: [(response) => void setTimeout(() => response.end(), left-- === 1 ? 300 : 0)],
    });
    const screen = await runOnTerminal(
      project,
      ["emit", "user.created", "--count", "200"],
      app.url,
      terminal,
    );
    const [beginning = "", ...parts] = screen.split(clearLine);
    expect(beginning).toContain(app.url);
    expect(parts.length).toBeGreaterThan(1);
    const last = parts.pop()!;
    for (const part of parts.filter((shown) => shown !== "")) expect(part).toMatch(/^[\d,]+ of 200 /);
    expect(last).toContain("200 deliveries: ");
    expect(last).not.toContain(" of 200 ");
  });

  test("progress and failures do not mix in one line", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500] });
    const screen = await runOnTerminal(
      project,
      ["emit", "user.created", "--count", "150"],
      app.url,
      terminal,
    );
    for (const line of screen.replaceAll(clearLine, "\n").split(/\r?\n/)) {
      expect(line).not.toMatch(/of 150 .*[▸◂]|[▸◂].*of 150 /);
    }
  });

  test("text is coloured, unless NO_COLOR says no", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    const args = ["emit", "user.created"];
    expect(await runOnTerminal(project, args, app.url, terminal)).toContain("\u001b[32m◂ 200");
    expect(await runOnTerminal(project, args, app.url, { ...terminal, NO_COLOR: "1" })).not.toContain(
      "\u001b[",
    );
    expect(await runOnTerminal(project, args, app.url, { ...terminal, TERM: "dumb" })).not.toContain(
      "\u001b[",
    );
  });
});

/** Runs a shell line in which `node` is the command line. */
async function runShell(
  project: TestProject,
  line: string,
  to: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<{ status: number; stdout: string; stderr: string }> {
  const bin = `'${process.execPath}' '${join(process.cwd(), "dist/cli.js")}'`;
  const shell = spawn("sh", ["-c", line.replaceAll("'node'", bin)], {
    cwd: project.path,
    env: {
      PATH: process.env["PATH"],
      NO_COLOR: "1",
      KINDE_DEVHOOK_ISSUER_PORT: String(project.issuerPort),
      KINDE_DEVHOOK_TO: to,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    once(shell, "close") as Promise<[number]>,
  ]);
  return { status, stdout, stderr };
}

/** What a terminal gets; `script` of util-linux stands in for one. */
async function runOnTerminal(
  project: TestProject,
  args: readonly string[],
  to: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const line = ["node", ...args].map((arg) => `'${arg}'`).join(" ");
  const { stdout } = await runShell(project, `script -qec "${line}" /dev/null`, to, env);
  return stdout;
}

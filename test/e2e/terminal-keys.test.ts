/** The keys of `mock` and `tunnel`, pressed in a real terminal; and the terminal afterwards. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { isCi } from "../helpers/ci.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { hang } from "./app.ts";
import { createProject, type TestProject } from "./project.ts";
import { lineOf, openTerminal, openTerminalFor, type Terminal } from "./terminal.ts";
import { createTunnelProject, readHistory, type TunnelProject } from "./tunnel-project.ts";

const hasTerminal = spawnSync("script", ["--version"]).status === 0;
const keysLine = /keys: r replay · .* q quit/;
const again = (pattern: RegExp): RegExp => new RegExp(`${pattern.source}[^]*${pattern.source}`);

// A person's finger: what comes sooner is a key that is held.
const betweenPressesMs = 200;

/** A mock in a terminal, once it has keys. */
async function openMock(project: TestProject, ...args: readonly string[]): Promise<Terminal> {
  const terminal = openTerminal(["mock", "--port", String(project.issuerPort), ...args], project.path);
  await terminal.shows(keysLine);
  return terminal;
}

async function openTunnel(project: TunnelProject, ...args: readonly string[]): Promise<Terminal> {
  const { server, kinde, issuerPort, path } = project;
  const around = ["--host", server.url, "--issuer", kinde.issuer, "--issuer-port", String(issuerPort)];
  const terminal = openTerminal(["tunnel", ...args, ...around], path);
  await terminal.shows(keysLine);
  return terminal;
}

describe.skipIf(!hasTerminal && !isCi)("at a terminal", () => {
  test("one line of 80 columns tells of the keys, and h and ? of each", async () => {
    await using project = await createTunnelProject();
    await using terminal = await openTunnel(project, "3999");
    const [line] = await terminal.shows(keysLine);
    expect(line.length).toBeLessThanOrEqual(80);
    terminal.type("h");
    await terminal.shows(/ q {4}stop as Ctrl-C does, with the exit code 0/);
    terminal.type("?");
    await terminal.shows(again(/ p {4}pause forwarding/));
    terminal.type("q");
    expect(await terminal.ended).toBe(0);
  });

  test("r sends the last delivery again, d shows it, and a key that is held sends it once", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await using terminal = await openMock(project, "--webhook", app.url);
    terminal.type("r");
    await terminal.shows(/There is no delivery yet/);
    expect((await project.run(["emit", "user.created"])).code).toBe(0);
    const [first] = app.requests;
    await sleep(betweenPressesMs);
    terminal.type("r".repeat(50));
    await terminal.shows(
      /replaying dlv_\w{8}  user\.created of \S+ to http\S+: the same bytes, signed with this project's key \(kid \S+…\), a new webhook-id\s[^]*▸ user\.created[^]*◂ 200/,
    );
    terminal.type("d");
    const [, id] = await terminal.shows(/delivered {2}replayed[^]*? id +(dlv_\w+)\s/);
    expect(app.requests).toHaveLength(2);
    expect(app.requests[1]!.body).toEqual(first!.body);
    expect(app.requests[1]!.headers["webhook-id"]).not.toBe(first!.headers["webhook-id"]);
    terminal.type("q");
    expect(await terminal.ended).toBe(0);
    // What was replayed is recorded as any delivery.
    expect(readHistory(project).at(-1)).toMatchObject({ id, direction: "replayed", state: "delivered" });
  });

  test("r says of what was recorded with --redact why it can't be sent, and not that it is", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    await using terminal = await openTunnel(project, String(app.port), "--redact");
    const [, url] = await terminal.shows(/(http:\S+) +← for Kinde/);
    const token = project.kinde.signWebhook("user.created");
    expect(await project.kinde.deliver(url!, token)).toMatchObject({ status: 200 });
    await terminal.shows(/◂ 200/);
    terminal.type("r");
    await terminal.shows(/Failed to replay dlv_\w+: it was recorded with --redact[^]*ERR_REDACTED/);
    expect(terminal.shown()).not.toContain("replaying");
    terminal.type("q");
    expect(await terminal.ended).toBe(0);
    expect(app.requests).toHaveLength(1);
  });

  test("r with --redact sends what was recorded without, and masks where to", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    await using terminal = await openTunnel(project, String(app.port), "--redact");
    const to = `${app.port}/hooks/grace@example.com`;
    const port = String(project.issuerPort);
    expect(await project.run(["emit", "user.created", "--to", to, "--issuer-port", port])).toMatchObject({
      code: 0,
    });
    terminal.type("r");
    await terminal.shows(
      /replaying dlv_\w{8}  user\.created of \S+ to http\S+\/hooks\/\[email\]: the same bytes/,
    );
    await terminal.shows(/◂ 200/);
    terminal.type("q");
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).not.toContain("grace");
    expect(app.requests.map(({ url }) => url)).toEqual([
      "/hooks/grace@example.com",
      "/hooks/grace@example.com",
    ]);
  });

  test("p with --shield keeps what comes until it is pressed again", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    await using terminal = await openTunnel(project, String(app.port), "--shield");
    const [, url] = await terminal.shows(/(http:\S+) +← for Kinde/);
    terminal.type("p");
    await terminal.shows(/paused: what comes is kept/);
    for (const webhookId of ["wh-1", "wh-2"]) {
      const token = project.kinde.signWebhook("user.created");
      expect(await project.kinde.deliver(url!, token, { webhookId })).toMatchObject({ status: 200 });
    }
    expect(app.requests).toEqual([]);
    await sleep(betweenPressesMs);
    terminal.type("p");
    await terminal.shows(/resumed: .* 2 webhooks that were kept/);
    await app.next();
    await app.next();
    terminal.type("q");
    expect(await terminal.ended).toBe(0);
  });

  test("p has Kinde answered 503 until it is pressed again, and each webhook meanwhile is told", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    await using terminal = await openTunnel(project, String(app.port));
    const [, url] = await terminal.shows(/(http:\S+) +← for Kinde/);
    await terminal.shows(keysLine);
    terminal.type("p");
    await terminal.shows(/paused: what comes is answered 503/);
    const token = project.kinde.signWebhook("user.created");
    const refused = await project.kinde.deliver(url!, token, { webhookId: "wh-1" });
    expect(refused).toMatchObject({ status: 503, headers: { "retry-after": expect.any(String) } });
    await terminal.shows(
      /✕ refused 503 .*user\.created came while forwarding is paused.*p resumes.*ERR_PAUSED/,
    );
    await sleep(betweenPressesMs);
    terminal.type("p");
    await terminal.shows(/resumed/);
    expect(await project.kinde.deliver(url!, token, { webhookId: "wh-1" })).toMatchObject({ status: 200 });
    expect(app.requests).toHaveLength(1);
    terminal.type("\u0003");
    expect(await terminal.ended).toBe(130);
  });

  test("c says again which keys there are, where the screen can't be cleared", async () => {
    using project = await createProject();
    await using terminal = await openMock(project);
    terminal.type("c");
    await terminal.shows(again(keysLine));
    terminal.type("q");
    expect(await terminal.ended).toBe(0);
  });

  test("keys that mean nothing do nothing, and p is none of a mock's", async () => {
    using project = await createProject();
    await using terminal = await openMock(project);
    terminal.type("p\u001b[AZ\r");
    // In its turn behind those.
    await sleep(betweenPressesMs);
    terminal.type("h");
    await terminal.shows(/this help/);
    expect(terminal.shown()).not.toMatch(/paus|\^\[/);
    terminal.type("q");
    expect(await terminal.ended).toBe(0);
  });

  test("q gives what is under way its time, and a Ctrl-C behind it ends at once", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [hang] });
    await using terminal = await openTunnel(project, String(app.port));
    const [, url] = await terminal.shows(/(http:\S+) +← for Kinde/);
    // Its answer never comes.
    void project.kinde.deliver(url!, project.kinde.signWebhook("user.created")).catch(() => {});
    await app.next();
    terminal.type("q");
    await terminal.shows(/Stopping: what is under way has up to 2 s/);
    terminal.type("\u0003");
    // At the end of that time it would be 0.
    expect(await terminal.ended).toBe(130);
  });

  test("a terminal that is closed ends it in good order, as SIGHUP does", async () => {
    using project = await createProject();
    const line = lineOf(["mock", "--port", String(project.issuerPort)]);
    // As the shell that people have: it tells its jobs of the end of their terminal.
    const script = `trap 'kill -HUP $!' HUP; ${line} & wait; wait $!; echo $? > code.new; mv code.new code`;
    {
      await using terminal = openTerminalFor(`exec sh -c '${script.replaceAll("'", `'\\''`)}'`, project.path);
      await terminal.shows(/JWKS/);
    }
    const code = join(project.path, "code");
    while (!existsSync(code)) await sleep(20);
    expect(readFileSync(code, "utf8")).toBe("129\n");
    expect(readdirSync(join(project.directory, "run"))).toEqual([]);
  });

  test.each([
    ["q", (terminal: Terminal) => terminal.type("q"), 0],
    ["Ctrl-C", (terminal: Terminal) => terminal.type("\u0003"), 130],
    [String.raw`Ctrl-\ `, (terminal: Terminal) => terminal.type("\u001c"), 131],
    ["SIGTERM", signalTo("SIGTERM"), 143],
    ["SIGHUP", signalTo("SIGHUP"), 129],
    ["SIGQUIT", signalTo("SIGQUIT"), 131],
    ["SIGUSR2", signalTo("SIGUSR2"), 140],
  ] as const)("%s leaves the terminal as it was", async (_, end, code) => {
    using project = await createProject();
    const line = lineOf(["mock", "--port", String(project.issuerPort)]);
    // The shell stays, for it is in the same group.
    const script = `trap : INT QUIT; stty -g > before; ${line}; echo code $?.; stty -g > after`;
    await using terminal = openTerminalFor(`exec sh -c '${script.replaceAll("'", `'\\''`)}'`, project.path);
    await terminal.shows(keysLine);
    end(terminal, project);
    await terminal.shows(new RegExp(`code ${code}\\.`));
    await terminal.ended;
    const [before, after] = ["before", "after"].map((name) => readFileSync(join(project.path, name), "utf8"));
    expect(before).toMatch(/^\w+:/);
    expect(after).toBe(before);
  });
});

function signalTo(signal: NodeJS.Signals): (terminal: Terminal, project: TestProject) => void {
  return (_terminal, project) => process.kill(project.readRunFile()!.pid, signal);
}

describe.skipIf(!hasTerminal && !isCi)("under a shell with job control", () => {
  const shell = "exec env PS1='prompt> ' bash --noprofile --norc -i";

  test("Ctrl-Z stops it with the terminal as it was, bg leaves the terminal alone, and fg brings the keys back", async () => {
    using project = await createProject();
    await using terminal = openTerminalFor(shell, project.path);
    terminal.type(`stty -g > before; ${lineOf(["mock", "--port", String(project.issuerPort)])}\n`);
    await terminal.shows(keysLine);
    terminal.type("\u001a");
    await terminal.shows(/Stopped/);
    terminal.type("stty -g > after; bg; echo one two | tr a-z A-Z\n");
    // Whoever read the terminal from the background would be stopped again.
    await terminal.shows(/ONE TWO/);
    terminal.type("jobs; echo three | tr a-z A-Z\n");
    await terminal.shows(/Running[^]*THREE/);
    expect(terminal.shown()).not.toMatch(again(keysLine));
    const [before, after] = ["before", "after"].map((name) => readFileSync(join(project.path, name), "utf8"));
    expect(after).toBe(before);
    terminal.type("fg\n");
    await terminal.shows(again(keysLine));
    terminal.type("q");
    await terminal.shows(/prompt> $/);
    terminal.type("echo code $?.\n");
    await terminal.shows(/code 0\./);
  });

  test("Ctrl-Z and fg bring the keys back, told of once", async () => {
    using project = await createProject();
    await using terminal = openTerminalFor(shell, project.path);
    terminal.type(`${lineOf(["mock", "--port", String(project.issuerPort)])}\n`);
    await terminal.shows(keysLine);
    terminal.type("\u001a");
    await terminal.shows(/Stopped/);
    terminal.type("fg\n");
    await terminal.shows(again(keysLine));
    terminal.type("h");
    await terminal.shows(/ q {4}stop as Ctrl-C does/);
    terminal.type("q");
    await terminal.shows(/prompt> $/);
    expect(terminal.shown().match(new RegExp(keysLine, "g"))).toHaveLength(2);
  });

  test("in the background it runs without keys, until fg", async () => {
    using project = await createProject();
    await using terminal = openTerminalFor(shell, project.path);
    terminal.type(`${lineOf(["mock", "--port", String(project.issuerPort)])} &\n`);
    await terminal.shows(/the fake Kinde runs/);
    terminal.type("echo one | tr a-z A-Z; jobs\n");
    await terminal.shows(/ONE[^]*Running/);
    expect(terminal.shown()).not.toMatch(keysLine);
    terminal.type("fg\n");
    await terminal.shows(keysLine);
    terminal.type("q");
    await terminal.shows(/prompt> $/);
    terminal.type("echo code $?.\n");
    await terminal.shows(/code 0\./);
  });
});

describe("without a terminal", () => {
  test("there are no keys, and standard input is left to others", async () => {
    using project = await createProject();
    const line = lineOf(["mock", "--port", String(project.issuerPort)]);
    const child = spawn("sh", ["-c", `{ ${line}; cat; }`], {
      cwd: project.path,
      stdio: ["pipe", "pipe", "inherit"],
    });
    let shown = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (shown += text));
    const ended = once(child, "close");
    child.stdin.end("r\nq\n");
    while (!shown.includes("Emit from another terminal")) await once(child.stdout, "data");
    process.kill(project.readRunFile()!.pid, "SIGTERM");
    await ended;
    expect(shown).not.toContain("keys:");
    expect(shown).toMatch(/r\nq\n$/);
  });

  test.skipIf(!hasTerminal && !isCi).each([
    ["standard input is none", (line: string) => `echo q | ${line}`],
    ["standard output is none", (line: string) => `${line} | cat`],
    ["--json is given", (line: string) => `${line} --json`],
  ])("where %s, a key does nothing", async (_, lineWith) => {
    using project = await createProject();
    const line = lineOf(["mock", "--port", String(project.issuerPort)]);
    await using terminal = openTerminalFor(lineWith(line), project.path);
    await terminal.shows(/Emit from another terminal|"record":"ready"/);
    terminal.type("q");
    expect((await project.run(["emit", "user.created", "--to", "http://127.0.0.1:9", "--json"])).code).toBe(
      1,
    );
    expect(terminal.shown()).not.toMatch(/keys:/);
    expect(project.readRunFile()).toBeDefined();
    terminal.type("\u0003");
    await terminal.ended;
  });
});

/** What `tunnel` is told and can't do: a sentence, a code, and no request to anybody. */
import { describe, expect, test } from "vitest";
import { startFakeLocaltunnelServer } from "../helpers/fake-localtunnel-server.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { createProject } from "./project.ts";

/** A user's mistake: exit 2, and one line on stderr with the code and what helps. */
const mistakes: [mistake: string, args: string[], code: string, phrases: string[]][] = [
  [
    "a name in upper case",
    ["-s", "Devhook"],
    "ERR_INVALID_OPTION",
    ["--subdomain", '"Devhook"', "Try devhook."],
  ],
  ["a name of 3 letters", ["-s", "abc"], "ERR_INVALID_OPTION", ["--subdomain", "4 to 63"]],
  ["a name with a dash at the end", ["-s", "devhook-"], "ERR_INVALID_OPTION", ["--subdomain", "dash"]],
  ["a name with a dash in front", ["--subdomain=-devhook"], "ERR_INVALID_OPTION", ["--subdomain", "dash"]],
  ["a name of 64 letters", ["-s", "a".repeat(64)], "ERR_INVALID_OPTION", ["--subdomain", "4 to 63"]],
  ["a name with a dot", ["-s", "dev.hook"], "ERR_INVALID_OPTION", ["--subdomain", "Try dev-hook."]],
  ["an empty name", ["--subdomain="], "ERR_INVALID_OPTION", ["--subdomain"]],
  ["a forward that is no address", ["not a port"], "ERR_INVALID_OPTION", ["--forward", '"not a port"']],
  ["a forward to port 0", ["0"], "ERR_INVALID_OPTION", ["--forward"]],
  ["a forward with a password", ["http://u:p@localhost:3000"], "ERR_INVALID_OPTION", ["--forward"]],
  ["a forward of another scheme", ["ftp://localhost"], "ERR_INVALID_OPTION", ["--forward"]],
  ["a forward whose pattern names nothing", ["usr.*=3000"], "ERR_UNKNOWN_EVENT_TYPE", ["usr.*", "user."]],
  ["a forward twice", ["3000", "-f", "3000"], "ERR_INVALID_OPTION", ["--forward", '"3000" twice']],
  [
    "a pattern and endpoint twice, written in two ways",
    ["user.*=3000/a", "-f", "user.*=http://localhost:3000/a"],
    "ERR_INVALID_OPTION",
    ["--forward", "each endpoint once"],
  ],
  ["--port", ["--port", "3000"], "ERR_UNKNOWN_FLAG", ["--port", "Did you mean --forward 3000?"]],
  ["-p", ["-p", "3000"], "ERR_UNKNOWN_FLAG", ["-p", "Did you mean --forward 3000?"]],
  ["--to", ["--to", "3000/x"], "ERR_UNKNOWN_FLAG", ["--to", "Did you mean --forward 3000/x?"]],
  ["a flag that does not exist", ["--subdomian", "x"], "ERR_UNKNOWN_FLAG", ["--subdomian", "--subdomain"]],
  ["an issuer on plain http", ["--issuer", "http://acme.kinde.com"], "ERR_INVALID_OPTION", ["--issuer"]],
  ["an issuer of another scheme", ["--issuer", "ftp://acme.kinde.com"], "ERR_INVALID_OPTION", ["--issuer"]],
  ["an issuer that is no URL", ["--issuer", "not a url"], "ERR_INVALID_OPTION", ["--issuer", '"not a url"']],
  ["an issuer with a query", ["--issuer", "https://acme.kinde.com/?a"], "ERR_INVALID_OPTION", ["--issuer"]],
  ["an empty issuer", ["--issuer="], "ERR_INVALID_OPTION", ["--issuer"]],
  ["a host with a path", ["--host", "http://localhost/x"], "ERR_INVALID_OPTION", ["--host"]],
  ["a host of another scheme", ["--host", "ws://localhost"], "ERR_INVALID_OPTION", ["--host"]],
  [
    "--public-url alone",
    ["--public-url", "https://hooks.example.com"],
    "ERR_INVALID_OPTION",
    ["--public-url", "--intake-port 4460"],
  ],
  ["--intake-port alone", ["--intake-port", "4460"], "ERR_INVALID_OPTION", ["--intake-port", "--public-url"]],
  ["an intake port that is none", ["--intake-port", "0"], "ERR_INVALID_OPTION", ["--intake-port"]],
  ["an event type that does not exist", ["--event-types", "user.gone"], "ERR_UNKNOWN_EVENT_TYPE", ["user."]],
  ["a header without a colon", ["-H", "X-Env dev"], "ERR_INVALID_OPTION", ["--header", "X-Env: dev"]],
  ["a header of the message's own", ["-H", "Host: x"], "ERR_INVALID_OPTION", ["--header"]],
  ["a header with a line break", ["-H", "X-A: b\r\nX-C: d"], "ERR_INVALID_OPTION", ["--header"]],
  ["no time", ["--timeout", "soon"], "ERR_INVALID_OPTION", ["--timeout", "30s"]],
  ["a hold of more than a minute", ["--hold", "2m"], "ERR_INVALID_OPTION", ["--hold", "up to 60s", '"2m"']],
  ["a hold that is no time", ["--hold", "a while"], "ERR_INVALID_OPTION", ["--hold", "10s", "0 for none"]],
  ["a concurrency of none", ["--concurrency", "0"], "ERR_INVALID_OPTION", ["--concurrency", "1 to 100"]],
  ["a concurrency beyond the intake's", ["--concurrency", "101"], "ERR_INVALID_OPTION", ["--concurrency"]],
  ["--shield with --no-history", ["--shield", "--no-history"], "ERR_INVALID_OPTION", ["--shield", "on disk"]],
  ["--shield with --redact", ["--shield", "--redact"], "ERR_INVALID_OPTION", ["--shield", "as it came"]],
  [
    "--json-token with --redact",
    ["--redact", "--json-token"],
    "ERR_INVALID_OPTION",
    ["--json-token", "without --redact"],
  ],
  [
    "--retry-schedule alone",
    ["--retry-schedule", "5s"],
    "ERR_INVALID_OPTION",
    ["--retry-schedule: expected --shield beside it"],
  ],
  [
    "a retry schedule that is none",
    ["--shield", "--retry-schedule", "5s,later"],
    "ERR_INVALID_OPTION",
    ["--retry-schedule", "5s,30s,2m,1h", '"later"'],
  ],
  [
    "a retry schedule beyond 36 h",
    ["--shield", "--retry-schedule", "30h,30h"],
    "ERR_INVALID_OPTION",
    ["--retry-schedule", "2 of 60.0h together"],
  ],
  ["an issuer port beyond ports", ["--issuer-port", "65536"], "ERR_INVALID_OPTION", ["--issuer-port"]],
];

test.each(mistakes)("%s: exit 2, and nobody is asked for anything", async (_mistake, args, code, phrases) => {
  using project = await createProject();
  await using server = await startFakeLocaltunnelServer();
  const env = { KINDE_DEVHOOK_HOST: server.url };
  const result = await project.run(["tunnel", ...args, "--json"], { env });
  expect(result.code).toBe(2);
  expect(result.records).toMatchObject([{ record: "exit", code: 2, reason: code }]);
  expect(result.stderr).toMatch(new RegExp(`^error [^\\n]* \\(${code}\\)\\n$`));
  for (const phrase of phrases) expect(result.stderr).toContain(phrase);
  expect(server.registrations).toEqual([]);
});

test.each([
  ["KINDE_DEVHOOK_SUBDOMAIN", "Devhook"],
  ["KINDE_DEVHOOK_FORWARD", "3000,3000"],
  ["KINDE_DEVHOOK_ISSUER", "http://acme.kinde.com"],
  ["KINDE_DEVHOOK_HEADER", "X-Env"],
  ["KINDE_DEVHOOK_ANY_SUBDOMAIN", "perhaps"],
  ["KINDE_DEVHOOK_RETRY_SCHEDULE", "soon"],
])("the environment's %s=%s is a mistake too, and named", async (name, value) => {
  using project = await createProject();
  const { code, stderr } = await project.run(["tunnel"], { env: { [name]: value } });
  expect(code).toBe(2);
  expect(stderr).toContain("(ERR_INVALID_OPTION)");
  // A forward given twice is told of the option, wherever it comes from.
  expect(stderr).toContain(name.endsWith("FORWARD") ? "--forward" : name);
});

describe("ports", () => {
  test("the intake's that is taken: exit 2, named", async () => {
    using project = await createProject();
    await using stranger = await startReceiver();
    const args = ["--public-url", "http://localhost:1", "--intake-port", String(stranger.port)];
    const result = await project.run(["tunnel", ...args, "--json"]);
    expect(result.code).toBe(2);
    expect(result.records.at(-1)).toMatchObject({ record: "exit", reason: "ERR_INVALID_OPTION" });
    expect(result.stderr).toContain(`--intake-port: expected a free port, got ${stranger.port}`);
    expect(project.readRunFile()).toBeUndefined();
  });

  test("the issuer's that a stranger has: exit 3, ERR_PORT_TAKEN, with its pid and what to do", async () => {
    using project = await createProject();
    await using server = await startFakeLocaltunnelServer();
    await using stranger = await startReceiver({ answers: [404] });
    const args = ["tunnel", "--issuer-port", String(stranger.port), "--host", server.url, "--json"];
    const result = await project.run(args);
    expect(result.code).toBe(3);
    expect(result.records.at(-1)).toMatchObject({ record: "exit", reason: "ERR_PORT_TAKEN" });
    expect(result.stderr).toContain(`port ${stranger.port} is taken by pid ${process.pid}`);
    expect(result.stderr).toContain("--issuer-port");
    expect(server.registrations).toEqual([]);
  });

  test("the issuer's that a mock of this project has: exit 3, ERR_PORT_TAKEN, with its pid", async () => {
    using project = await createProject();
    await using mock = project.start(["mock", "--json"]);
    await mock.line(/"ready"/);
    const { code, stderr } = await project.run(["tunnel"]);
    expect(code).toBe(3);
    expect(stderr).toContain("(ERR_PORT_TAKEN)");
    expect(stderr).toContain(`pid ${mock.child.pid}`);
    expect(project.readRunFile()).toMatchObject({ command: "mock", pid: mock.child.pid });
  });

  test("the issuer's that another project has: exit 2, ERR_OTHER_PROJECT, with its directory", async () => {
    using project = await createProject();
    using other = await createProject();
    await using mock = other.start(["mock", "--json"]);
    await mock.line(/"ready"/);
    const { code, stderr } = await project.run(["tunnel", "--issuer-port", String(other.issuerPort)]);
    expect(code).toBe(2);
    expect(stderr).toContain("(ERR_OTHER_PROJECT)");
    expect(stderr).toContain(other.directory);
    expect(stderr).toContain("--issuer-port");
  });

  test("the issuer's and the intake's in one are refused, not waited for", async () => {
    using project = await createProject();
    const port = String(await findFreePort());
    const args = ["--public-url", `http://localhost:${port}`, "--intake-port", port, "--issuer-port", port];
    const { code, stderr } = await project.run(["tunnel", ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain("--intake-port");
  });
});

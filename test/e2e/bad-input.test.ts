/** What users and apps get wrong: each is told in a line with its code and what to do. */
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findFreePort } from "../helpers/free-port.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { hang, reply } from "./app.ts";
import { createProject, onlyDelivery, recordsOf, type TestProject } from "./project.ts";

describe("an app that does not answer 200", () => {
  const cut: Answer = (response) => {
    response.socket?.destroy();
  };
  const cutInBody: Answer = (response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("half", () => response.socket?.destroy());
  };
  const redirect = reply(302, "", { location: "/login" });

  test.each<[string, Answer, object, string]>([
    ["hangs", hang, { status: null, error: { code: "ERR_TIMEOUT" } }, "--timeout"],
    ["closes early", cut, { status: null, error: { code: "ERR_CONNECTION_CLOSED" } }, "crashed or restarted"],
    [
      "closes within the body",
      cutInBody,
      { status: null, error: { code: "ERR_CONNECTION_CLOSED" } },
      "crashed or restarted",
    ],
    ["redirects", redirect, { status: 302, error: null }, "redirects to /login"],
    ["answers 204", 204, { status: 204, error: null }, "documents only 200"],
    ["has no such route", 404, { status: 404, error: null }, "--to"],
    ["refuses the token", 401, { status: 401, error: null }, "KINDE_ISSUER_URL"],
    ["fails", 500, { status: 500, error: null }, "app's own output"],
  ])("and %s: the delivery fails with a hint", async (_what, answer, attempt, hint) => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [answer] });
    // Only what never comes may be waited for in vain: the machine may be busy.
    const timeout = answer === hang ? "150ms" : "20s";
    const args = ["emit", "user.created", "--to", app.url, "--timeout", timeout];
    const asJson = await project.run([...args, "--json"]);
    expect(asJson.code).toBe(1);
    expect(onlyDelivery(asJson)).toMatchObject({
      state: "failed",
      failedReason: "not_delivered",
      attempts: [attempt],
      hint: expect.stringContaining(hint),
    });
    const forPeople = await project.run(args);
    expect(forPeople.code).toBe(1);
    expect(forPeople.stdout).toContain(hint);
    expect(app.requests).toHaveLength(2);
  });

  test("and is not there: the line names where nothing listens, the hint how to wait for it", async () => {
    using project = await createProject();
    const port = await findFreePort();
    const { code, stdout } = await project.run(["emit", "user.created", "--to", `${port}`]);
    expect(code).toBe(1);
    expect(stdout).toContain(`nothing listens at localhost:${port} (ERR_CONNECTION_REFUSED)`);
    expect(stdout).toContain("--wait-on");
  });

  test("and answers 204 is warned of once, with WARN_NOT_200", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [204] });
    const args = ["emit", "user.created", "--to", app.url];
    const result = await project.run([...args, "--count", "3", "--json"]);
    expect(recordsOf(result, "warning")).toMatchObject([{ code: "WARN_NOT_200" }]);
    expect((await project.run(args)).stdout).toContain("WARN_NOT_200");
  });

  test("and is no https: the line says so", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    const { code, stdout } = await project.run([
      "emit",
      "user.created",
      "--to",
      `https://localhost:${app.port}/x`,
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain("ERR_TLS");
  });
});

describe.concurrent("--data", () => {
  test.each<[string, string, string | undefined, string]>([
    ["a file that is no JSON", "bad.json", undefined, "no JSON from bad.json"],
    ["a file with an array", "array.json", undefined, "an array from array.json"],
    ["a file with null", "null.json", undefined, "null from null.json"],
    ["a file with text", "text.json", undefined, "a string from text.json"],
    ["an empty file", "empty.json", undefined, "nothing from empty.json"],
    ["a file that is not there", "missing.json", undefined, "missing.json"],
    ["a directory", ".", undefined, "a file that can be read"],
    ["JSON itself", '{"user":{"email":"x"}}', undefined, "put that into a file"],
    ["standard input without anything", "-", "", "nothing from standard input"],
    ["standard input with blanks", "-", " \n", "nothing from standard input"],
    ["standard input that is no JSON", "-", "{'user':1}", "no JSON from standard input"],
    ["standard input with a number", "-", "42", "a number from standard input"],
  ])("refuses %s", async (_what, value, input, message) => {
    using project = await createProject();
    await using app = await startReceiver();
    project.write("bad.json", "{bad");
    project.write("array.json", "[1]");
    project.write("null.json", "null");
    project.write("text.json", '"x"');
    project.write("empty.json", "");
    const { code, stderr } = await project.run(
      ["emit", "user.created", "--to", app.url, "--data", value],
      input === undefined ? {} : { input },
    );
    expect(code).toBe(2);
    expect(stderr).toContain("--data");
    expect(stderr).toContain(message);
    expect(stderr).toContain("ERR_INVALID_OPTION");
    expect(app.requests).toHaveLength(0);
  });
});

describe.concurrent("the command line", () => {
  test.each<[string, string[], string, string]>([
    [
      "--set without an equals sign",
      ["emit", "user.created", "--set", "user.email"],
      "ERR_INVALID_OPTION",
      "path=value",
    ],
    ["--set without a path", ["emit", "user.created", "--set", "=1"], "ERR_INVALID_OPTION", "path=value"],
    [
      "--set into a text",
      ["emit", "user.created", "--set", "user.email.x=1"],
      "ERR_INVALID_PATH",
      "user.email",
    ],
    [
      "--set of __proto__",
      ["emit", "user.created", "--set", "user.__proto__.x=1"],
      "ERR_INVALID_PATH",
      "__proto__",
    ],
    [
      "--unset of what makes it an event",
      ["emit", "user.created", "--unset", "data"],
      "ERR_NOT_AN_EVENT",
      "data",
    ],
    ["an event type in the wrong case", ["emit", "User.Created"], "ERR_UNKNOWN_EVENT_TYPE", '"user.created"'],
    ["a misspelt event type", ["emit", "user.crated"], "ERR_UNKNOWN_EVENT_TYPE", '"user.created"'],
    ["a pattern that names none", ["emit", "usr.*"], "ERR_UNKNOWN_EVENT_TYPE", '"user.*"'],
    [
      "one unknown event type of several",
      ["emit", "user.created", "role.craeted"],
      "ERR_UNKNOWN_EVENT_TYPE",
      '"role.created"',
    ],
    ["no event type", ["emit"], "ERR_INVALID_OPTION", "emit user.created"],
    ["an unknown flag", ["emit", "user.created", "--cuont", "3"], "ERR_UNKNOWN_FLAG", "--count"],
    ["a flag of another issue", ["emit", "user.created", "--story"], "ERR_UNKNOWN_FLAG", "emit --help"],
    ["a flag in the wrong case", ["emit", "user.created", "--Json"], "ERR_UNKNOWN_FLAG", "--json"],
    ["an unknown letter", ["emit", "user.created", "-x"], "ERR_UNKNOWN_FLAG", "-x"],
    ["a flag without its value", ["emit", "user.created", "--count"], "ERR_INVALID_OPTION", "--count"],
    ["an unknown flag without a command", ["--verison"], "ERR_UNKNOWN_FLAG", "--version"],
    ["an unknown command", ["emti", "user.created"], "ERR_UNKNOWN_COMMAND", '"emit"'],
    ["a command of another issue", ["check"], "ERR_UNKNOWN_COMMAND", "--help"],
    ["a name that every object has", ["constructor"], "ERR_UNKNOWN_COMMAND", "--help"],
    [
      "the same endpoint twice",
      ["emit", "user.created", "--to", "3000", "--to", "3000"],
      "ERR_INVALID_OPTION",
      "twice",
    ],
    [
      "a pattern in --to that names none",
      ["emit", "user.created", "--to", "usr.*=3000"],
      "ERR_UNKNOWN_EVENT_TYPE",
      '"user.*"',
    ],
    ["a misspelt action", ["keys", "shwo"], "ERR_INVALID_OPTION", "keys show"],
    ["no action", ["keys"], "ERR_INVALID_OPTION", "show, rotate, retire, export"],
    ["a word behind keys rotate", ["keys", "rotate", "now"], "ERR_INVALID_OPTION", '"now"'],
    ["a key to retire that is not there", ["keys", "retire", "zz:zz"], "ERR_UNKNOWN_KEY", signingKey.kid],
    ["the signing key to retire", ["keys", "retire", signingKey.kid], "ERR_KEY_SIGNS", "keys rotate"],
    ["--private beside show", ["keys", "show", "--private"], "ERR_INVALID_OPTION", "keys export"],
    ["--pem beside rotate", ["keys", "rotate", "--pem"], "ERR_INVALID_OPTION", "keys export"],
    [
      "a misspelt event type of triggers",
      ["triggers", "user.crated"],
      "ERR_UNKNOWN_EVENT_TYPE",
      '"user.created"',
    ],
    ["a word behind mock", ["mock", "3000"], "ERR_INVALID_OPTION", "--webhook"],
    [
      "the same webhook twice",
      ["mock", "--webhook", "3000", "--webhook", "3000"],
      "ERR_INVALID_OPTION",
      "twice",
    ],
    [
      "an unknown event type of a webhook",
      ["mock", "--webhook", "3000=user.crated"],
      "ERR_UNKNOWN_EVENT_TYPE",
      '"user.created"',
    ],
  ])("refuses %s with 2, before anything is delivered", async (_what, args, code, message) => {
    using project = await createProject();
    await using app = await startReceiver();
    const result = await project.run(args, { env: { KINDE_DEVHOOK_FORWARD: app.url } });
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/^error .*\n$/);
    expect(result.stderr).toContain(code);
    expect(result.stderr).toContain(message);
    expect(result.stdout).toBe("");
    expect(app.requests).toHaveLength(0);
  });
});

describe.concurrent("a value that an option can't have", () => {
  test.each([
    ["emit", "count", "0"],
    ["emit", "rate", "fast"],
    ["emit", "concurrency", "1.5"],
    ["emit", "timeout", "-1s"],
    ["emit", "expect", "20"],
    ["emit", "issuer-port", "70000"],
    ["emit", "source", "root"],
    ["emit", "print", "yaml"],
    ["emit", "webhook-id", "two words"],
    ["emit", "to", "ftp://localhost/x"],
    ["emit", "to", "localhost"],
    ["emit", "to", "99999"],
    ["emit", "to", "http://user:secret@localhost:3000/"],
    ["emit", "wait-on", "http://"],
    ["emit", "set", "nothing"],
    ["mock", "webhook", "mailto:x@localhost"],
    ["mock", "timeout", "2h"],
    ["mock", "issuer-port", "0"],
  ])(
    "%s --%s %s: ends with 2 and names the flag, the variable, or the file it came from",
    async (command, option, value) => {
      using project = await createProject();
      const args = command === "emit" ? ["emit", "user.created"] : ["mock"];
      const variable = `KINDE_DEVHOOK_${option.replaceAll("-", "_").toUpperCase()}`;
      project.write("config.json", JSON.stringify({ [option]: value }));
      const runs: [string, string[], Record<string, string>][] = [
        [`--${option}`, [`--${option}=${value}`], {}],
        [variable, [], { [variable]: value }],
        [`"${option}" (config.json)`, ["--config", "config.json"], { KINDE_DEVHOOK_ISSUER_PORT: "" }],
      ];
      for (const [origin, more, env] of runs) {
        const result = await project.run([...args, ...more, "--json"], { env });
        expect([origin, result.code]).toEqual([origin, 2]);
        expect(recordsOf(result, "exit")).toMatchObject([
          {
            reason: "ERR_INVALID_OPTION",
            message: expect.stringContaining(`Failed to read ${origin}: expected`),
          },
        ]);
        expect(result.stderr).not.toContain("secret");
      }
    },
  );
});

describe("the project's files", () => {
  const actions = ["show", "rotate", "retire", "export"].map((action) => ["keys", action]);
  const commands = [["emit", "user.created"], ["mock"], ...actions];

  test.each(commands)("that can't be written end `%s` with 2", async (...args) => {
    using project = await createProject();
    project.write("file", "");
    const { code, stderr } = await project.run(args, { env: { KINDE_DEVHOOK_HOME: "file/below" } });
    expect(code).toBe(2);
    expect(stderr).toContain("ERR_PROJECT_NOT_WRITABLE");
    expect(stderr).toContain(join(project.path, "file/below"));
    expect(readFileSync(join(project.path, "file"), "utf8")).toBe("");
  });

  test("that can't be written do not matter to `triggers`", async () => {
    using project = await createProject();
    project.write("file", "");
    const { code } = await project.run(["triggers"], { env: { KINDE_DEVHOOK_HOME: "file/below" } });
    expect(code).toBe(0);
  });

  test("whose history can't be written: told once, and deliveries go on", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    project.write(".kinde-devhook/history", "a file where a directory should be");
    const result = await project.run(["emit", "user.created", "--to", app.url, "--count", "3", "--json"]);
    expect(result.code).toBe(0);
    expect(app.requests).toHaveLength(3);
    expect(recordsOf(result, "warning")).toMatchObject([{ code: "WARN_HISTORY_NOT_WRITTEN" }]);
  });

  test.each([
    ["no JSON", "{damaged"],
    ["empty", ""],
    ["without keys", '{"version":1}'],
    ["of another version", '{"version":2,"keys":[]}'],
    ["with a key that is none", '{"version":1,"keys":[{"kid":"x","privateKey":{"kty":"RSA"}}]}'],
  ])(
    "whose keys.json is %s: every command that needs it says so with 2, and leaves it as it is",
    async (_how, content) => {
      using project = await createProject();
      project.write(".kinde-devhook/keys.json", content);
      for (const args of commands) {
        const { code, stderr } = await project.run(args);
        expect(code).toBe(2);
        expect(stderr).toContain("ERR_KEYS_DAMAGED");
        expect(stderr).toContain(join(project.directory, "keys.json"));
      }
      expect(readFileSync(join(project.directory, "keys.json"), "utf8")).toBe(content);
    },
  );

  test("whose keys.json others can read: it is mended and WARN_KEYS_EXPOSED says so, once", async () => {
    using project = await createProject();
    const path = join(project.directory, "keys.json");
    chmodSync(path, 0o644);
    const first = await project.run(["keys", "show", "--json"]);
    expect(first.code).toBe(0);
    expect(recordsOf(first, "warning")).toMatchObject([{ code: "WARN_KEYS_EXPOSED" }]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const second = await project.run(["keys", "show"]);
    expect(second.stderr).not.toContain("WARN_KEYS_EXPOSED");
  });

  test("are found above the working directory", async () => {
    using project = await createProject();
    mkdirSync(join(project.path, "a/b"), { recursive: true });
    const here = await project.run(["keys", "show"]);
    const below = await project.run(["keys", "show"], { cwd: join(project.path, "a/b") });
    expect(below.stdout).toBe(here.stdout);
  });
});

test.each([
  ["3000/api/webhook", "--to 3000/api/webhook"],
  ["http://localhost:3000/x", "--to http://localhost:3000/x"],
  ["user.email=x", "--set user.email=x"],
  ["user", "user.*"],
])("a word that was meant for something else, %s, names what for", async (word, meant) => {
  using project = await createProject();
  const { code, stderr } = await project.run(["emit", "user.created", word]);
  expect(code).toBe(2);
  expect(stderr).toContain(meant);
});

test("an event type as a command names emit", async () => {
  using project = await createProject();
  const { code, stderr } = await project.run(["user.created"]);
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("emit user.created") as string,
  });
});

test("a state file that can't be read is told of and left alone", async () => {
  using project = await createProject();
  project.write(".kinde-devhook/state.json", "xx");
  await using app = await startReceiver();
  const { code, stderr } = await project.run(["emit", "user.created", "--to", app.url]);
  expect(code).toBe(0);
  expect(stderr).toContain("WARN_STATE_NOT_WRITTEN");
  expect(readFileSync(join(project.directory, "state.json"), "utf8")).toBe("xx");
});

describe.skipIf(process.platform === "win32")("a disk that takes no more", () => {
  test("leaves no half-written key behind", async () => {
    using project = await createProject();
    rmSync(join(project.directory, "keys.json"));
    // A limit of 1 KiB for a file stands for the end of the disk; a key takes more.
    const line = `trap "" XFSZ; ulimit -f 1; exec "$0" "$@"`;
    const bin = join(process.cwd(), "dist/cli.js");
    const { status, stderr } = spawnSync("bash", ["-c", line, process.execPath, bin, "keys", "show"], {
      cwd: project.path,
      encoding: "utf8",
    });
    expect(status).toBe(2);
    expect(stderr).toContain("ERR_PROJECT_NOT_WRITABLE");
    expect((await project.run(["keys", "show"])).code).toBe(0);
  });
});

describe.skipIf(!canRunAsNobody())("a key of another user", () => {
  const printToken = ["emit", "user.created", "--print", "token"];

  test("that all may read is used, and said to be open", async () => {
    using project = await createProject();
    for (const path of [project.path, project.directory]) chmodSync(path, 0o755);
    chmodSync(join(project.directory, "keys.json"), 0o644);
    const { status, stdout, stderr } = runAsNobody(project, printToken);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^eyJ/);
    expect(stderr).toContain("WARN_KEYS_EXPOSED");
  });

  test("that nobody else may read is no damage: ERR_KEYS_UNREADABLE", async () => {
    using project = await createProject();
    for (const path of [project.path, project.directory]) chmodSync(path, 0o755);
    const { status, stderr } = runAsNobody(project, printToken);
    expect(status).toBe(2);
    expect(stderr).toContain("ERR_KEYS_UNREADABLE");
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

test.skipIf(!canRunAsNobody())(
  "`history clear` removes what it may, and names another user's file: ERR_HISTORY_NOT_CLEARED",
  async () => {
    using project = await createProject();
    const [own, others] = ["2026-01-03.0001.ndjson", "2026-01-02.0001.ndjson"];
    for (const name of [own, others]) project.write(`.kinde-devhook/history/${name}`, "{}\n");
    const directory = join(project.directory, "history");
    for (const path of [project.path, project.directory]) chmodSync(path, 0o755);
    // As /tmp: everybody may add files, and remove their own.
    chmodSync(directory, 0o1777);
    chownSync(join(directory, own), 65_534, 65_534);
    const { status, stdout, stderr } = runAsNobody(project, ["history", "clear", "--yes"]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(join(directory, others));
    expect(stderr).toContain("(ERR_HISTORY_NOT_CLEARED)");
    expect(readdirSync(directory)).toEqual([others]);
  },
);

function runAsNobody(project: TestProject, args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [join(process.cwd(), "dist/cli.js"), ...args], {
    cwd: project.path,
    encoding: "utf8",
    uid: 65_534,
    gid: 65_534,
  });
}

/** It takes root, and a checkout that others may read. */
function canRunAsNobody(): boolean {
  const line = `require("node:fs").accessSync(${JSON.stringify(join(process.cwd(), "dist/cli.js"))})`;
  return process.getuid?.() === 0 && spawnSync(process.execPath, ["-e", line], { uid: 65_534 }).status === 0;
}

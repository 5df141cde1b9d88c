/** `history`: what is listed, shown in full and forgotten. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deliveryText } from "../../src/delivery/delivery-json.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";
import { isCi } from "../helpers/ci.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { reply } from "./app.ts";
import { createProject, recordsOf, type TestProject } from "./project.ts";
import { openTerminal } from "./terminal.ts";
import { createTunnelProject, readHistory } from "./tunnel-project.ts";

describe("history list", () => {
  test("shows the latest first, with an id that can be pasted", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [200, 500] });
    for (const type of ["user.created", "role.created"]) await emit(project, app.url, type);
    const { code, stdout } = await project.run(["history"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(
        `^\\d\\d:\\d\\d:\\d\\d  dlv_[0-9a-f]{8}  emitted  role\\.created  failed 500     1 attempt  [\\d.,]+ ms +${app.url}\n` +
          `\\d\\d:\\d\\d:\\d\\d  (dlv_[0-9a-f]{8})  emitted  user\\.created  delivered 200  1 attempt  [\\d.,]+ ms +${app.url}\n$`,
      ),
    );
    const [id] = stdout.match(/dlv_\w+/g)!.toReversed();
    expect((await project.run(["history", "show", id!])).stdout).toMatch(/^user\.created {2}delivered/);
    expect((await project.run(["history", "list"])).stdout).toBe(stdout);
  });

  test("prints records with --json, tokens only where they are asked for", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await emit(project, app.url);
    const result = await project.run(["history", "--json"]);
    expect(recordsOf(result, "delivery")).toMatchObject([{ direction: "emitted", endpoint: app.url }]);
    expect(recordsOf(result, "delivery")[0]).not.toHaveProperty("token");
    expect(recordsOf(result, "exit")).toMatchObject([{ code: 0, reason: "done" }]);
    const withToken = await project.run(["history", "--json", "--json-token"]);
    expect(recordsOf(withToken, "delivery")[0]?.token).toBe(app.requests[0]!.body.toString());
  });

  test("shows the latest 20, or as many as --limit says, and says that there are more", async () => {
    using project = await createProject();
    keep(project, ...Array.from({ length: 21 }, (_, index) => sampleDelivery({ id: idOf(index) })));
    const some = await project.run(["history"]);
    expect(some.stdout.trim().split("\n")).toHaveLength(20);
    expect(some.stderr).toContain("The latest 20; --limit shows more.");
    const all = await project.run(["history", "--limit", "21"]);
    expect(all.stdout.trim().split("\n")).toHaveLength(21);
    expect(all.stderr).toBe("");
  });

  test.each<[args: string[], shown: number[]]>([
    [["--type", "user.*"], [0]],
    [
      ["--type", "user.created", "--type", "role.created"],
      [1, 0],
    ],
    [["--state", "failed"], [1]],
    [["--state", "pending"], [0]],
    [["--direction", "replayed"], [2]],
    [["--since", "1h"], [2]],
    [
      ["--since", "2026-01-01"],
      [2, 1, 0],
    ],
    [["--since", "2026-01-05T00:00:00Z"], [2]],
    [["--type", "role.*", "--state", "delivered"], []],
  ])("with %j shows what is meant", async (args, shown) => {
    using project = await createProject();
    keep(
      project,
      sampleDelivery({ id: idOf(0), direction: "relayed" }),
      sampleDelivery({ id: idOf(1), event: eventOf("role.created"), state: "failed" }),
      sampleDelivery({
        id: idOf(2),
        event: eventOf("organization.created"),
        direction: "replayed",
        state: "delivered",
        createdAt: new Date().toISOString(),
      }),
    );
    const result = await project.run(["history", "list", ...args, "--json"]);
    expect(recordsOf(result, "delivery").map(({ id }) => id)).toEqual(shown.map(idOf));
    expect(result.code).toBe(0);
    expect(result.stderr).toBe(shown.length === 0 ? "The history has no such delivery.\n" : "");
  });

  test("finds event types that this version does not know, and says what may be mistyped where it finds none", async () => {
    using project = await createProject();
    keep(project, sampleDelivery({ id: idOf(0), event: eventOf("invoice.paid-2") }));
    for (const type of ["invoice.paid-2", "invoice.*"]) {
      const found = await project.run(["history", "--type", type, "--json"]);
      expect(recordsOf(found, "delivery").map(({ id }) => id)).toEqual([idOf(0)]);
      expect(recordsOf(found, "warning")).toEqual([]);
    }
    const none = await project.run(["history", "--type", "invoice.*,usr.*"]);
    expect(none.stdout).toContain("invoice.paid-2");
    expect(none.stderr).toMatch(
      /^warning .*"usr\.\*".* did you mean "user\.\*"\? \(WARN_UNKNOWN_EVENT_TYPE\)\n$/,
    );
    expect(none.code).toBe(0);
    keep(project, sampleDelivery({ id: idOf(1), event: { ...eventOf("user.created")!, id: "event_1" } }));
    for (const command of ["history", "replay"]) {
      const types = ["--type", "user.created,invoice.*", "--limit", "1", "--json"];
      const [warning] = recordsOf(await project.run([command, ...types]), "warning");
      expect(warning?.message).toContain('nothing was found of "invoice.*" in the latest 1, and');
    }
    const replayed = await project.run(["replay", "--type", "user.crated", "--json"]);
    expect(recordsOf(replayed, "warning")).toMatchObject([
      { code: "WARN_UNKNOWN_EVENT_TYPE", message: expect.stringContaining('"user.created"') },
    ]);
    expect(replayed.code).toBe(0);
    await using following = project.start(["history", "--follow", "--type", "invoice.due"]);
    await following.line(/WARN_UNKNOWN_EVENT_TYPE/);
    await following.line(/Following what comes/);
  });

  test("finds what tells of an email address or an organization", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await project.run(["emit", "user.created", "--to", app.url, "--set", "user.email=ada@example.com"]);
    await project.run(["emit", "organization.created", "--to", app.url, "--set", "organization.code=org_x"]);
    const listed = async (...args: string[]): Promise<string[]> => {
      const result = await project.run(["history", ...args, "--json"]);
      return recordsOf(result, "delivery").map(({ event }) => event!.type);
    };
    expect(await listed("--email", "ADA@")).toEqual(["user.created"]);
    expect(await listed("--org", "org_x")).toEqual(["organization.created"]);
    expect(await listed("--org", "org_")).toEqual([]);
  });

  test("of an empty history says how to make one, exit 0, and makes nothing itself", async () => {
    using project = await createProject({ hasKey: false });
    const { code, stdout, stderr } = await project.run(["history"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("npx kinde-devhook emit user.created");
    expect(existsSync(project.directory)).toBe(false);
  });

  test("says of what failed, where there is none, that Kinde's retries are pending", async () => {
    using project = await createProject();
    keep(project, sampleDelivery({ direction: "relayed" }));
    expect((await project.run(["history", "--state", "failed"])).stderr).toContain("--state pending");
  });

  test("passes over a line that was torn", async () => {
    using project = await createProject();
    keep(project, sampleDelivery({ id: idOf(0) }));
    appendFileSync(historyFile(project), '\n{"id":"dlv_torn","direc');
    keep(project, sampleDelivery({ id: idOf(1) }));
    const result = await project.run(["history", "--json"]);
    expect(recordsOf(result, "delivery").map(({ id }) => id)).toEqual([idOf(1), idOf(0)]);
  });

  test("escapes what could steer a terminal", async () => {
    using project = await createProject();
    keep(project, sampleDelivery({ event: eventOf("user.\u001b[31mcreated\u202e") }));
    const { stdout } = await project.run(["history"]);
    expect(stdout).toContain("user.\\u001b[31mcreated\\u202e");
  });
});

describe("history list --follow", () => {
  test("shows the latest last, then what any process of the project appends, until Ctrl-C", async () => {
    using project = await createProject();
    keep(project, sampleDelivery({ id: idOf(1) }), sampleDelivery({ id: idOf(2) }));
    await using following = project.start(["history", "list", "--follow", "--json"]);
    await following.line(/Following what comes/);
    await using app = await startReceiver({ answers: [500, 200] });
    await emit(project, app.url);
    await following.line(/"failedReason":"not_delivered"/);
    await project.run(["replay", "last"]);
    await following.line(/"direction":"replayed"/);
    following.child.kill("SIGINT");
    const result = await following.ended;
    expect(result.code).toBe(130);
    expect(
      recordsOf(result, "delivery").map(({ id, direction, state }) => [id.slice(-1), direction, state]),
    ).toEqual([
      ["1", "emitted", "pending"],
      ["2", "emitted", "pending"],
      [expect.any(String), "emitted", "failed"],
      [expect.any(String), "replayed", "delivered"],
    ]);
  });

  test("shows each state of a delivery in a row, and of all that comes what the filters mean", async () => {
    using project = await createProject();
    await using following = project.start(["history", "--follow", "--type", "user.*"]);
    await following.line(/Following what comes/);
    keep(
      project,
      sampleDelivery({ id: idOf(1), attempts: [sampleAttempt({ status: 500 })] }),
      sampleDelivery({ id: idOf(2), event: eventOf("role.created") }),
      sampleDelivery({
        id: idOf(1),
        attempts: [sampleAttempt({ status: 500 }), sampleAttempt()],
        state: "delivered",
      }),
    );
    await following.line(/delivered 200 {2}2 attempts/);
    following.child.kill("SIGTERM");
    const { code, stdout } = await following.ended;
    expect(code).toBe(143);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((row) => /(pending|delivered) \d+/.exec(row)?.[0]),
    ).toEqual(["pending 500", "delivered 200"]);
  });

  test("shows each attempt of one that has had more than a record keeps", async () => {
    using project = await createProject();
    const pendingAfter = (latest: number): Delivery =>
      sampleDelivery({
        id: idOf(1),
        attempts: [1, ...Array.from({ length: 19 }, (_, index) => latest - 18 + index)].map((number) =>
          sampleAttempt({ number, status: 500 }),
        ),
      });
    keep(project, pendingAfter(20));
    await using following = project.start(["history", "--follow", "--json"]);
    await following.line(/Following what comes/);
    keep(project, pendingAfter(21));
    expect(await following.line(/"number":21/)).toContain(idOf(1));
  });

  test.each([
    ["a list", []],
    ["what is followed", ["--follow"]],
  ])("ends at the first Ctrl-C when %s is read by nobody", async (_, more) => {
    using project = await createProject();
    // More than a pipe takes.
    const deliveries = Array.from({ length: 2_000 }, (__, index) => sampleDelivery({ id: idOf(index) }));
    keep(project, ...deliveries);
    await using listing = project.start(["history", "--json", "--limit", "2000", ...more]);
    const { child } = listing;
    const exited = once(child, "exit");
    child.stdout!.pause();
    // It has begun to write.
    await expect.poll(() => child.stdout!.readableLength).toBeGreaterThan(0);
    child.kill("SIGINT");
    expect(await exited).toEqual([130, null]);
    child.stdout!.resume();
    const { records } = await listing.ended;
    expect(records.length).toBeLessThan(deliveries.length);
  });

  test("ends quietly when nobody reads any more", async () => {
    using project = await createProject();
    await using following = project.start(["history", "--follow"]);
    await following.line(/Following what comes/);
    following.child.stdout?.destroy();
    keep(project, ...Array.from({ length: 50 }, (_, index) => sampleDelivery({ id: idOf(index) })));
    expect(await following.ended).toMatchObject({ code: 141, stdout: "" });
  });
});

describe.skipIf(spawnSync("script", ["--version"]).status !== 0 && !isCi)("on a terminal", () => {
  test.each([
    [60, /^\S+ \S+ \S+ {2}dlv_\w{8} {2}user\.created {2}pending$/],
    [200, /0 attempts .*http:\/\/127\.0\.0\.1:3000\/api\/webhook$/],
  ])("of %i columns a row is one line, and what there is room for", async (columns, row) => {
    using project = await createProject();
    keep(project, sampleDelivery({ createdAt: "2026-01-02T03:04:05.000Z" }));
    const { stdout } = spawnSync(
      "script",
      [
        "-qec",
        `stty cols ${columns}; "${process.execPath}" "${join(process.cwd(), "dist/cli.js")}" history`,
        "/dev/null",
      ],
      { cwd: project.path, encoding: "utf8", env: { PATH: process.env["PATH"], NO_COLOR: "1" } },
    );
    const [line = ""] = stdout.replaceAll("\r", "").split("\n");
    expect(line).toMatch(row);
    expect(line.length).toBeLessThanOrEqual(columns);
  });

  test.each<[answer: string, isCleared: boolean, code: number]>([
    ["n", false, 1],
    ["", false, 1],
    ["y", true, 0],
    ["YES", true, 0],
  ])("`history clear` asks, and %j is taken for what it says", async (answer, isCleared, code) => {
    using project = await createProject();
    keep(project, sampleDelivery());
    await using terminal = openTerminal(["history", "clear"], project.path);
    await terminal.shows(/Forget 1 delivery in .*history\? y\/N/);
    terminal.type(`${answer}\n`);
    await terminal.shows(isCleared ? /Forgot 1 delivery in / : /Nothing was forgotten/);
    expect(await terminal.ended).toBe(code);
    expect(existsSync(historyFile(project))).toBe(!isCleared);
  });

  test("`history clear` forgets nothing when Ctrl-C is the answer", async () => {
    using project = await createProject();
    keep(project, sampleDelivery());
    await using terminal = openTerminal(["history", "clear"], project.path);
    await terminal.shows(/y\/N/);
    terminal.type("\u0003");
    expect(await terminal.ended).toBe(130);
    expect(existsSync(historyFile(project))).toBe(true);
  });
});

describe("history show", () => {
  test("shows what was said and done: claims, signature, headers, each attempt with its answer", async () => {
    using project = await createProject();
    await using app = await startReceiver({
      answers: [reply(400, "Invalid token\n\tat handler\u001b[2J", { "x-app": "yes" })],
    });
    await emit(project, app.url);
    const { code, stdout } = await project.run(["history", "show", "last"]);
    const [delivery] = readHistory(project);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^user\.created {2}failed: the answer was not the one .* {2}emitted \d\d:\d\d:\d\d\n/,
    );
    for (const line of [
      `  id          ${delivery!.id}`,
      `  event       ${delivery!.event!.id}, source api, timestamp ${delivery!.event!.timestamp}`,
      `  webhook-id  ${delivery!.webhookId}`,
      `  endpoint    ${app.url}`,
      '        "email": "',
      `Request  POST ${app.url}`,
      "  content-type: application/jwt",
      `  webhook-id: ${delivery!.webhookId}`,
      "      x-app: yes",
      "      Invalid token",
      "        at handler\\u001b[2J",
    ]) {
      expect(stdout).toContain(`\n${line}`);
    }
    expect(stdout).toMatch(/\n {2}signature {3}verified by this project's key, kid \S+\n/);
    expect(stdout).toMatch(/\n {3}1 {2}\d\d:\d\d:\d\d {2}400 {2}[\d.,]+ ms\n/);
    // Sorted, as Kinde writes them.
    expect(stdout.match(/^ {4}"\w+":/gm)?.map((line) => line.trim())).toEqual([
      '"data":',
      '"event_id":',
      '"event_timestamp":',
      '"source":',
      '"timestamp":',
      '"type":',
    ]);
    expect(stdout).not.toContain(delivery!.token);
  });

  test("names whose key it was, and what the answer probably means", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [404] });
    const tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    await tunnel.stop();
    const { stdout } = await project.run(["history", "show", "last"]);
    expect(stdout).toMatch(/^user\.created {2}pending: Kinde tries it again/);
    expect(stdout).toContain(`verified by a key of ${project.kinde.issuer}, kid ${project.kinde.kid}`);
    expect(stdout).toMatch(/404 .*\n(.*\n)*.*--forward/);
  });

  test("shows every attempt, and what was planned and waited", async () => {
    using project = await createProject();
    const attempts = [
      sampleAttempt({ status: 500, response: { headers: {}, body: "boom", truncated: true } }),
      sampleAttempt({
        number: 2,
        plannedDelayMs: 5_000,
        heldMs: 1_500,
        queuedMs: 2_500,
        status: null,
        response: null,
        error: { code: "ERR_TIMEOUT", message: "no answer within 30 s" },
      }),
      sampleAttempt({ number: 3, plannedDelayMs: 30_000 }),
    ];
    keep(project, sampleDelivery({ attempts, state: "delivered" }));
    const { stdout } = await project.run(["history", "show", "last"]);
    expect(stdout).toMatch(/\n {3}1 .* 500 .*\n\n {6}boom\n {6}… more than that was not kept\n/);
    expect(stdout).toMatch(
      /\n {3}2 .*no answer within 30 s \(ERR_TIMEOUT\).* {2}planned 5\.0 s after the one before {2}waited 2\.5 s for its turn {2}held 1\.5 s /,
    );
    expect(stdout).toMatch(/\n {3}3 .* 200 /);
  });

  test("is a record with --json: claims and the whole answer, the token only where it is asked for", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [reply(500, "x".repeat(5_000))] });
    await emit(project, app.url);
    const result = await project.run(["history", "show", "last", "--json"]);
    const [shown] = recordsOf(result, "delivery");
    expect(shown?.claims).toMatchObject({ type: "user.created", data: { user: {} } });
    expect(shown?.attempts[0]?.response?.body).toHaveLength(5_000);
    expect(shown).not.toHaveProperty("token");
    const withToken = await project.run(["history", "show", "last", "--json", "--json-token"]);
    expect(recordsOf(withToken, "delivery")[0]?.token).toBe(app.requests[0]!.body.toString());
  });

  test("shows a record that somebody has changed, too, and does not replay what leads nowhere", async () => {
    using project = await createProject();
    const { request } = sampleAttempt();
    const attempts = [sampleAttempt({ status: 500, request: { ...request, url: "nowhere" } })];
    keep(project, sampleDelivery({ endpoint: "nowhere", attempts, state: "failed" }));
    expect((await project.run(["history", "show", "last"])).code).toBe(0);
    const { code, stderr } = await project.run(["replay", "last"]);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("(ERR_INVALID_OPTION)"),
    });
  });

  test("shows of a redacted delivery what is masked, and of what is no token that it is none", async () => {
    using project = await createProject();
    keep(
      project,
      sampleDelivery({
        id: idOf(1),
        isRedacted: true,
        token: "",
        claims: { data: { user: { email: "a…" } } },
      }),
      sampleDelivery({
        id: idOf(2),
        event: null,
        token: "text",
        verification: { status: "unverified", reason: "ERR_NOT_A_JWT" },
      }),
    );
    const redacted = await project.run(["history", "show", idOf(1)]);
    expect(redacted.stdout).toMatch(/masked, as they were recorded with --redact\n(.*\n)*.*"email": "a…"/);
    const other = await project.run(["history", "show", idOf(2)]);
    expect(other.stdout).toContain("none: the body is no token");
    expect(other.stdout).toContain("does not verify (ERR_NOT_A_JWT)");
  });
});

describe("history clear", () => {
  test("with --yes forgets all, says how much and where, and leaves what is still to be delivered", async () => {
    using project = await createProject();
    keep(project, sampleDelivery({ id: idOf(1) }), sampleDelivery({ id: idOf(2) }));
    project.write(
      ".kinde-devhook/pending/left.00000000.ndjson",
      deliveryText(sampleDelivery({ id: idOf(3) })),
    );
    const { code, stdout } = await project.run(["history", "clear", "--yes"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Forgot 2 deliveries in ${join(project.directory, "history")}.`);
    expect(readdirSync(join(project.directory, "history"))).toEqual([]);
    expect(readdirSync(join(project.directory, "pending"))).toHaveLength(1);
    expect((await project.run(["history"])).stderr).toContain("Nothing was delivered yet");
  });

  test("is a record with --json", async () => {
    using project = await createProject();
    keep(project, sampleDelivery());
    const result = await project.run(["history", "clear", "--yes", "--json"]);
    expect(recordsOf(result, "cleared")).toMatchObject([
      { deliveries: 1, directory: join(project.directory, "history") },
    ]);
  });

  test("forgets lines that can't be read too, says how many, and leaves files of another format", async () => {
    using project = await createProject();
    keep(project, sampleDelivery());
    appendFileSync(historyFile(project), '\n{"v":2,"id":"dlv_1"}\n{"id":"dlv_torn');
    project.write(".kinde-devhook/history/2027-01-01.0001.v2.ndjson", "");
    const { code, stdout, stderr } = await project.run(["history", "clear", "--yes"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Forgot 1 delivery and 2 lines that can't be read in ");
    expect(stderr).toMatch(/^warning \S+2027-01-01\.0001\.v2\.ndjson .* left as it is .*\n$/);
    expect(readdirSync(join(project.directory, "history"))).toEqual(["2027-01-01.0001.v2.ndjson"]);
  });

  test.skipIf(process.platform === "win32")("removes a file that can't be opened as well", async () => {
    using project = await createProject();
    keep(project, sampleDelivery());
    // No user may open a link that leads to itself, not even root.
    const unreadable = "2026-01-02.0001.ndjson";
    symlinkSync(unreadable, join(project.directory, "history", unreadable));
    const result = await project.run(["history", "clear", "--yes", "--json"]);
    expect(result.code).toBe(0);
    expect(recordsOf(result, "cleared")).toMatchObject([{ deliveries: null }]);
    expect(readdirSync(join(project.directory, "history"))).toEqual([]);
  });

  test("where there is nothing is no failure", async () => {
    using project = await createProject();
    rmSync(join(project.directory, "history"), { recursive: true, force: true });
    const { code, stdout } = await project.run(["history", "clear", "--yes"]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing to forget") });
  });

  test("without a terminal wants --yes, which no setting can say", async () => {
    using project = await createProject();
    keep(project, sampleDelivery());
    const { code, stderr } = await project.run(["history", "clear"], { env: { KINDE_DEVHOOK_YES: "true" } });
    expect(code).toBe(2);
    expect(stderr).toContain("--yes");
    expect(stderr).toContain("(ERR_INVALID_OPTION)");
    expect(existsSync(historyFile(project))).toBe(true);
  });
});

describe("bad input", () => {
  test.each<[name: string, args: string[], code: string, said: string]>([
    ["a misspelt action", ["lsit"], "ERR_INVALID_OPTION", "history list"],
    ["an id without `show`", ["dlv_00"], "ERR_INVALID_OPTION", "history show dlv_00"],
    ["`last` without `show`", ["last"], "ERR_INVALID_OPTION", "history show last"],
    ["`show` without an id", ["show"], "ERR_INVALID_OPTION", "history show last"],
    ["a word too many", ["show", "last", "more"], "ERR_INVALID_OPTION", '"more"'],
    ["a word behind list", ["list", "last"], "ERR_INVALID_OPTION", '"last"'],
    ["an unknown id", ["show", "dlv_ff"], "ERR_UNKNOWN_DELIVERY", "history list"],
    ["an id of several", ["show", "dlv_00"], "ERR_AMBIGUOUS_ID", `${idOf(2)} (user.created`],
    ["a filter beside show", ["show", "last", "--state", "failed"], "ERR_INVALID_OPTION", "history list"],
    ["--follow beside clear", ["clear", "--yes", "--follow"], "ERR_INVALID_OPTION", "--follow"],
    ["--yes beside list", ["--yes"], "ERR_INVALID_OPTION", "history clear"],
    ["no number", ["--limit", "many"], "ERR_INVALID_OPTION", "whole number"],
    ["a limit of none", ["--limit", "0"], "ERR_INVALID_OPTION", "from 1"],
    ["an unknown state", ["--state", "done"], "ERR_INVALID_OPTION", "delivered"],
    ["an unknown direction", ["--direction", "in"], "ERR_INVALID_OPTION", "relayed"],
    ["what is no event type", ["--type", "user created"], "ERR_INVALID_OPTION", "user.*"],
    ["no time", ["--since", "soon"], "ERR_INVALID_OPTION", "2h"],
    ["no organization", ["--org", ""], "ERR_INVALID_OPTION", "--org"],
  ])("%s is told with what to do, exit 2", async (_, args, code, said) => {
    using project = await createProject();
    keep(
      project,
      sampleDelivery({ id: idOf(1) }),
      sampleDelivery({ id: idOf(2), event: eventOf("user.created", "event_b") }),
    );
    const result = await project.run(["history", ...args]);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toContain(`(${code})`);
    expect(result.stderr).toContain(said);
  });
});

function idOf(index: number): string {
  return `dlv_${String(index).padStart(32, "0")}`;
}

function eventOf(
  type: string,
  id = "event_018f331a3178f7fef284b95fe6770384",
): ReturnType<typeof sampleDelivery>["event"] {
  return { type, id, source: "api", timestamp: "2026-01-02T03:04:05.000Z" };
}

/** The one that is there, be it yesterday's by now; else today's. */
function historyFile({ directory }: Pick<TestProject, "directory">): string {
  const path = join(directory, "history");
  const [kept] = existsSync(path) ? readdirSync(path) : [];
  return join(path, kept ?? `${new Date().toISOString().slice(0, 10)}.0001.ndjson`);
}

/** Into the history, as another process would. */
function keep(project: TestProject, ...deliveries: readonly ReturnType<typeof sampleDelivery>[]): void {
  if (!existsSync(historyFile(project))) {
    project.write(historyFile(project).slice(project.path.length + 1), "");
  }
  for (const delivery of deliveries) appendFileSync(historyFile(project), deliveryText(delivery));
}

async function emit(project: TestProject, to: string, type = "user.created"): Promise<void> {
  await project.run(["emit", type, "--to", to]);
}

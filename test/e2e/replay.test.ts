/** `replay`: what is sent again, how it is signed, what is said of it, and how it ends. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { claimsOf, hang, verifyingAnswer } from "./app.ts";
import { startSelfSignedApp } from "./self-signed-app.ts";
import { createProject, onlyDelivery, recordsOf, type TestProject } from "./project.ts";
import { createTunnelProject, readHistory } from "./tunnel-project.ts";

describe("without edits", () => {
  test("`last` is sent again byte for byte, verifies with Kinde's own package, and is kept in history", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
    await emit(project, app.url);
    const before = await app.next();
    const { code, stdout } = await project.run(["replay", "last"]);
    expect(code).toBe(0);
    const again = await app.next();
    expect(again.body).toEqual(before.body);
    expect(again.headers["webhook-id"]).not.toBe(before.headers["webhook-id"]);
    const [emitted] = readHistory(project);
    expect(stdout).toMatch(
      new RegExp(
        `^replaying ${emitted!.id.slice(0, 12)}  user\\.created of \\d\\d:\\d\\d:\\d\\d to ${app.url}: ` +
          "the same bytes, signed with this project's key \\(kid .{8}…\\), a new webhook-id\n.* ▸ user\\.created .*\n.* ◂ 200 .*\n$",
      ),
    );
    expect(readHistory(project).at(-1)).toMatchObject({ direction: "replayed", state: "delivered" });
  });

  test("--same-id keeps the webhook-id, as a retry of Kinde's does", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await emit(project, app.url);
    const { stdout } = await project.run(["replay", "last", "--same-id"]);
    expect(stdout).toContain("the same webhook-id");
    expect((await app.next()).headers["webhook-id"]).toBe((await app.next()).headers["webhook-id"]);
  });

  test("--to leads elsewhere, with the path of Kinde's docs for a bare port", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await using other = await startReceiver();
    await emit(project, app.url);
    const result = await project.run(["replay", "last", "--to", String(other.port), "--json"]);
    expect(onlyDelivery(result)).toMatchObject({ endpoint: `http://localhost:${other.port}/api/webhook` });
    expect((await other.next()).url).toBe("/api/webhook");
    expect(app.requests).toHaveLength(1);
  });

  test("an app with a certificate of its own making is reached with --insecure, and not without", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await emit(project, app.url);
    await using secure = await startSelfSignedApp();
    const args = ["replay", "last", "--to", secure.origin];
    expect((await project.run(args)).code).toBe(1);
    expect((await project.run([...args, "--insecure"])).code).toBe(0);
  });

  test("--to that leads off this machine is warned of", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await emit(project, app.url);
    const { stderr } = await project.run([
      "replay",
      "last",
      "--to",
      "http://app.invalid/hook",
      "--timeout",
      "1s",
    ]);
    expect(stderr).toContain("WARN_REMOTE_ENDPOINT");
  });

  test("a fault goes out with its damage, and its right answer counts", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
    await project.run(["emit", "user.created", "--to", app.url, "--fault", "bad-signature"]);
    const { code, stdout } = await project.run(["replay", "last"]);
    expect(stdout).toContain("the same bytes, with the fault bad-signature");
    expect(stdout).toContain("✓ right answer");
    expect(code).toBe(0);
  });
});

describe("edits", () => {
  test.each<[name: string, args: string[], changes: string[]]>([
    ["--set", ["--set", "user.email=ada@example.com"], ["set user.email"]],
    ["--unset", ["--unset", "user.phone"], ["unset user.phone"]],
    ["--fresh", ["--fresh"], ["fresh"]],
  ])("%s is signed with the project's key, and the app verifies it", async (_, args, changes) => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
    await emit(project, app.url);
    const before = await app.next();
    const result = await project.run(["replay", "last", "--json", ...args]);
    expect(result.code).toBe(0);
    expect((await app.next()).body).not.toEqual(before.body);
    expect(recordsOf(result, "replay")).toMatchObject([{ changes, signer: "local", isSameId: false }]);
    expect(onlyDelivery(result)).toMatchObject({ state: "delivered", direction: "replayed" });
  });

  test("are said, and what they are is sent", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await emit(project, app.url);
    const before = claimsOf(await app.next());
    const edits = ["--fresh", "--set", "user.email=ada@example.com", "--unset", "source"];
    const { stdout } = await project.run(["replay", "last", ...edits]);
    expect(stdout).toContain(
      "as a new event, edited (set user.email, unset source), so signed anew with this project's key (kid ",
    );
    const claims = claimsOf(await app.next());
    expect(claims.event_id).not.toBe(before.event_id);
    expect(claims).not.toHaveProperty("source");
    expect(claims).toMatchObject({ data: { user: { email: "ada@example.com" } } });
  });

  test("at a path that the event does not have are warned of", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await emit(project, app.url);
    const { stderr } = await project.run(["replay", "last", "--set", "user.emial=x"]);
    expect(stderr).toContain('the event has no "user.emial"; did you mean "user.email"? (WARN_UNKNOWN_PATH)');
  });

  test("are no settings: what is set for `emit` edits nothing here", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await emit(project, app.url);
    const env = { KINDE_DEVHOOK_SET: "user.email=x", KINDE_DEVHOOK_TO: "9", KINDE_DEVHOOK_FRESH: "true" };
    expect((await project.run(["replay", "last"], { env })).code).toBe(0);
    expect((await app.next()).body).toEqual((await app.next()).body);
  });
});

describe("several", () => {
  test("are sent the oldest first, one after the other, with a summary", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    for (const type of ["user.created", "role.created", "user.deleted"]) await emit(project, app.url, type);
    const [first, second, third] = readHistory(project).map(({ id }) => id);
    const result = await project.run(["replay", third!, first!.slice(0, 14), second!.slice(4, 18), "--json"]);
    expect(result.code).toBe(0);
    const types = app.requests.map((request) => claimsOf(request).type);
    expect(types.slice(3)).toEqual(["user.created", "role.created", "user.deleted"]);
    expect(recordsOf(result, "summary")).toMatchObject([{ total: 3, delivered: 3, failed: 0 }]);
    expect(recordsOf(result, "replay").map(({ of }) => of)).toEqual([first, second, third]);
  });

  test("that failed are found by their state, and once they are delivered no more", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500, 200, 500, 200] });
    for (const type of ["user.created", "role.created", "user.deleted"]) await emit(project, app.url, type);
    const first = await project.run(["replay", "--state", "failed"]);
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^2 deliveries: 2 delivered, 0 failed/m);
    const second = await project.run(["replay", "--state", "failed"]);
    expect(second.code).toBe(0);
    expect(second.stderr).toMatch(/nothing to replay: .* each was delivered since .* --state pending\.\n$/);
    expect(app.requests).toHaveLength(5);
  });

  test("that Kinde still tries are found as pending, and once they are delivered are said to be", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [500, 200] });
    const tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    expect((await project.run(["replay", "--state", "pending"])).code).toBe(0);
    const second = await project.run(["replay", "--state", "pending"]);
    expect(second.stderr).toMatch(/nothing to replay: .* each was delivered since/);
    const failed = await project.run(["replay", "--direction", "emitted"]);
    expect(failed.stderr).toContain("`npx kinde-devhook history list` shows what there is.");
    expect(app.requests).toHaveLength(2);
  });

  test("are found by what the event tells, the latest up to --limit", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    for (const email of ["ada@example.com", "bob@example.com", "ada@example.org"]) {
      await project.run(["emit", "user.created", "--to", app.url, "--set", `user.email=${email}`]);
    }
    const result = await project.run([
      "replay",
      "--email",
      "ada@",
      "--type",
      "user.*",
      "--limit",
      "1",
      "--json",
    ]);
    expect(recordsOf(result, "delivery")).toHaveLength(1);
    expect(claimsOf(app.requests.at(-1)!)).toMatchObject({ data: { user: { email: "ada@example.org" } } });
    expect(result.stderr).toContain("--limit takes more");
  });

  test("of which one can't be sent: the others are, and it is told", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await emit(project, app.url);
    await emit(project, app.url, "role.created");
    changeHistory(project, (line) =>
      line.includes("role.created") ? { isRedacted: true, token: "", claims: { type: "role.created" } } : {},
    );
    const { code, stdout, stderr } = await project.run(["replay", "--direction", "emitted"]);
    expect(stdout).toMatch(/^1 delivery: 1 delivered/m);
    expect(stderr).toContain("(ERR_REDACTED)");
    expect(stderr).toContain("1 of 2 could not be sent: see the warnings above.");
    expect(code).toBe(1);
  });
});

describe("what Kinde has signed", () => {
  test("is sent as it was beside a running tunnel, and the app verifies it through the blend", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [500, verifyingAnswer(project.issuer)] });
    await using tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
    const token = project.kinde.signWebhook("user.created");
    await project.kinde.deliver(tunnel.url, token);
    const result = await project.run(["replay", "last", "--json"]);
    expect(result.code).toBe(0);
    expect(recordsOf(result, "replay")).toMatchObject([
      { signer: "kinde", kid: project.kinde.kid, changes: [] },
    ]);
    expect(app.requests.map(({ body }) => body.toString())).toEqual([token, token]);
  });

  test("and does not verify any more is not sent; with --fresh it is", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
    const tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    await tunnel.stop();
    const { kid } = project.kinde;
    await project.kinde.rotate();
    project.kinde.retire(kid);
    const refused = await project.run(["replay", "last"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("(ERR_REPLAY_NOT_VERIFIED)");
    expect(refused.stderr).toContain("--fresh");
    expect(app.requests).toHaveLength(1);
    expect((await project.run(["replay", "last", "--fresh"])).code).toBe(0);
  });
});

describe("bad input", () => {
  test.each<[name: string, args: string[], code: string, said: string]>([
    ["nothing", [], "ERR_INVALID_OPTION", "npx kinde-devhook replay last"],
    ["an unknown id", ["dlv_ffff"], "ERR_UNKNOWN_DELIVERY", "history list"],
    ["an empty id", [""], "ERR_UNKNOWN_DELIVERY", "Was a variable not set?"],
    ["an id of several", ["dlv_"], "ERR_AMBIGUOUS_ID", "user.created"],
    ["an id and a filter", ["last", "--state", "failed"], "ERR_INVALID_OPTION", "--state"],
    ["an id and a limit", ["last", "--limit", "3"], "ERR_INVALID_OPTION", "--limit"],
    ["--fresh and --same-id", ["last", "--fresh", "--same-id"], "ERR_INVALID_OPTION", "--same-id"],
    ["--set without a value", ["last", "--set", "user.email"], "ERR_INVALID_OPTION", "path=value"],
    ["--set that leaves no object", ["last", "--set", "data=5"], "ERR_NOT_AN_EVENT", "data"],
    ["--set at no path", ["last", "--set", "user..email=5"], "ERR_INVALID_PATH", "user..email"],
    ["--unset of what an event needs", ["last", "--unset", "type"], "ERR_NOT_AN_EVENT", "type"],
    ["--to with a pattern", ["last", "--to", "user.*=3000"], "ERR_INVALID_OPTION", "--type user.* --to 3000"],
    ["--to that is no address", ["last", "--to", "nowhere at all"], "ERR_INVALID_OPTION", "--to"],
    ["what is no event type", ["--type", "user/created"], "ERR_INVALID_OPTION", "user.created"],
    ["an unknown state", ["--state", "fialed"], "ERR_INVALID_OPTION", "failed"],
    ["a time that is none", ["--since", "yesterday"], "ERR_INVALID_OPTION", "2h"],
    ["a time to come", ["--since", "2999-01-01"], "ERR_INVALID_OPTION", "has been"],
  ])("%s is told with what to do, exit 2, and nothing is sent", async (_, args, code, said) => {
    using project = await createProject();
    await using app = await startReceiver();
    for (const type of ["user.created", "user.updated"]) await emit(project, app.url, type);
    const result = await project.run(["replay", ...args]);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(`(${code})`);
    expect(result.stderr).toContain(said);
    expect(app.requests).toHaveLength(2);
  });

  test("a project without a history is told how to make one", async () => {
    using project = await createProject();
    const { code, stderr } = await project.run(["replay", "last"]);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("(ERR_UNKNOWN_DELIVERY)"),
    });
    expect(stderr).toContain("npx kinde-devhook emit");
  });

  test("a redacted delivery can't be sent again", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await emit(project, app.url);
    changeHistory(project, () => ({ isRedacted: true, token: "", claims: { type: "user.created" } }));
    for (const args of [[], ["--fresh"], ["--json"]]) {
      const { code, stdout, stderr } = await project.run(["replay", "last", ...args]);
      expect(code).toBe(2);
      expect(stdout + stderr).toContain("ERR_REDACTED");
    }
    expect(app.requests).toHaveLength(1);
  });

  test("a damaged line of the history hides no other", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await emit(project, app.url);
    const [name, content] = readHistoryFile(project);
    writeFileSync(name, `${content}\n{"id":"dlv_torn","direc`);
    expect((await project.run(["replay", "last"])).code).toBe(0);
    expect(app.requests).toHaveLength(2);
  });
});

test("where nothing listens the hint names options of `replay`, and `history show` that there was no answer", async () => {
  using project = await createProject();
  const app = await startReceiver({ port: await findFreePort() });
  await emit(project, app.url);
  await app[Symbol.asyncDispose]();
  const { code, stdout } = await project.run(["replay", "last"]);
  expect(code).toBe(1);
  expect(stdout).toContain("Start it, or say where it listens: --to ");
  expect(stdout).toMatch(/ ▸ user\.created .* {2}replayed\n/);
  const shown = (await project.run(["history", "show", "last"])).stdout;
  expect(shown).toMatch(/^user\.created {2}failed: there was no answer {2}replayed /);
  expect(shown).toContain("Start it, or say where it listens: --to ");
});

test("an app that refuses is exit 1, with the hint", async () => {
  using project = await createProject();
  await using app = await startReceiver({ answers: [404] });
  await emit(project, app.url);
  const { code, stdout } = await project.run(["replay", "last"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/◂ 404 .*\n {12}\S/);
});

test("--expect names the status that counts, and --json-token brings the token", async () => {
  using project = await createProject();
  await using app = await startReceiver({ answers: [200, 204] });
  await emit(project, app.url);
  const result = await project.run(["replay", "last", "--expect", "204", "--json", "--json-token"]);
  expect(result.code).toBe(0);
  expect(onlyDelivery(result)).toMatchObject({ state: "delivered", token: app.requests[0]!.body.toString() });
});

test("Ctrl-C says how many were begun, those that could not be sent among them", async () => {
  using project = await createProject();
  await using app = await startReceiver({ answers: [500, 500, 500, hang] });
  for (const type of ["user.created", "role.created", "user.deleted"]) await emit(project, app.url, type);
  changeHistory(project, (line) => (line.includes("user.created") ? { isRedacted: true, token: "" } : {}));
  await using running = project.start(["replay", "--state", "failed"]);
  for (let request = 0; request < 4; request++) await app.next();
  running.child.kill("SIGINT");
  const { stderr } = await running.ended;
  expect(stderr).toContain("1 of 3 could not be sent: see the warnings above.\n");
  expect(stderr).toContain("Interrupted after 2 of 3 deliveries.\n");
});

test("Ctrl-C ends it: what is under way is called off, and what comes after is not begun", async () => {
  using project = await createProject();
  await using app = await startReceiver({ answers: [500, 500, hang] });
  for (const type of ["user.created", "role.created"]) await emit(project, app.url, type);
  await using running = project.start(["replay", "--state", "failed", "--json"]);
  for (let request = 0; request < 3; request++) await app.next();
  running.child.kill("SIGINT");
  const result = await running.ended;
  expect(result.code).toBe(130);
  expect(onlyDelivery(result)).toMatchObject({ state: "failed", failedReason: "cancelled" });
  expect(app.requests).toHaveLength(3);
});

async function emit(project: Pick<TestProject, "run">, to: string, type = "user.created"): Promise<void> {
  await project.run(["emit", type, "--to", to]);
}

function readHistoryFile({ directory }: Pick<TestProject, "directory">): [path: string, content: string] {
  // Named after the day, which may have ended since.
  const [name = ""] = readdirSync(join(directory, "history"));
  const path = join(directory, "history", name);
  return [path, readFileSync(path, "utf8")];
}

/** As another version, or `--redact`, would have written it. */
function changeHistory(project: Pick<TestProject, "directory">, members: (line: string) => object): void {
  const [path, content] = readHistoryFile(project);
  const lines = content
    .split("\n")
    .map((line) =>
      line === "" ? "" : JSON.stringify({ ...(JSON.parse(line) as object), ...members(line) }),
    );
  writeFileSync(path, lines.join("\n"));
}

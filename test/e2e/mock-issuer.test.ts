/** `mock --issuer`: Kinde's keys and pages beside the mock, as an app on the other side of the built command line has them. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Jwks } from "../../src/kinde/jwks.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { startStandInKinde, type StandInKinde } from "../helpers/stand-in-kinde.mjs";
import { ask } from "../issuer/ask.ts";
import { verifyingAnswer } from "./app.ts";
import { createProject, onlyDelivery, recordsOf, type TestProject } from "./project.ts";

async function startKinde(): Promise<StandInKinde> {
  return await startStandInKinde({ privateJwk: foreignKey.privateKey.export({ format: "jwk" }) });
}

async function kidsOf({ issuerPort }: TestProject): Promise<string[]> {
  const { json } = await ask(issuerPort, "/.well-known/jwks");
  return (json as Jwks).keys.map(({ kid }) => kid);
}

describe("with --issuer the mock", () => {
  test("serves Kinde's keys and its own: one app takes what either signs", async () => {
    using project = await createProject();
    await using kinde = await startKinde();
    await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
    await using mock = project.start(["mock", "--issuer", kinde.issuer, "--webhook", app.url, "--json"]);
    expect(JSON.parse(await mock.line(/"ready"/))).toMatchObject({
      issuer: kinde.issuer,
      localIssuer: project.issuer,
    });
    expect(await kidsOf(project)).toEqual([kinde.kid, signingKey.kid]);
    expect(onlyDelivery(await project.run(["emit", "user.created", "--json"])).state).toBe("delivered");
    const fromKinde = await fetch(app.url, { method: "POST", body: kinde.signWebhook("user.created") });
    expect(fromKinde.status).toBe(200);
  });

  test("says so to people, and sends on what it has not", async () => {
    using project = await createProject();
    await using kinde = await startKinde();
    await using mock = project.start(["mock", "--issuer", `${kinde.issuer}/`]);
    await mock.line(/^Emit from another terminal/);
    for (const path of ["/oauth2/auth?x=1", "//evil.example", "/\\evil.example"]) {
      const { status, headers } = await ask(project.issuerPort, path);
      expect([status, new URL(headers.location ?? "").origin]).toEqual([307, kinde.issuer]);
    }
    mock.child.kill("SIGINT");
    const { stdout, stderr, code } = await mock.ended;
    expect(stdout).toContain(`also the keys of ${kinde.issuer}, which gets every path that the mock has not`);
    expect({ stderr, code }).toEqual({ stderr: "", code: 130 });
  });

  test("remembers nobody: what a tunnel lets in is not for a mock to say", async () => {
    using project = await createProject();
    await using kinde = await startKinde();
    await using mock = project.start(["mock", "--issuer", kinde.issuer]);
    await mock.line(/^ready/);
    mock.child.kill("SIGINT");
    await mock.ended;
    const files = readdirSync(project.directory);
    expect(files).toContain("keys.json");
    expect(files).not.toContain("state.json");
  });
});

test("whatever is set elsewhere, a mock without --issuer asks nobody", async () => {
  using project = await createProject();
  await using kinde = await startKinde();
  project.write("package.json", JSON.stringify({ "kinde-devhook": { issuer: kinde.issuer } }));
  project.write(".kinde-devhook/state.json", JSON.stringify({ issuer: kinde.issuer }));
  project.write(".env", `KINDE_DEVHOOK_ISSUER=${kinde.issuer}\nKINDE_ISSUER_URL=${kinde.issuer}\n`);
  const env = { KINDE_DEVHOOK_ISSUER: kinde.issuer, KINDE_DOMAIN: kinde.issuer };
  await using mock = project.start(["mock", "--json"], { env });
  expect(JSON.parse(await mock.line(/"ready"/))).toMatchObject({ issuer: null });
  expect(await kidsOf(project)).toEqual([signingKey.kid]);
  expect((await ask(project.issuerPort, "/oauth2/auth")).status).toBe(404);
  expect(kinde.requests).toEqual([]);
});

describe("a real issuer whose keys can't be had", () => {
  test.each(["error", "html", "never"] as const)(
    "because it answers with %s is a warning, and the mock goes on with its own",
    async (mode) => {
      using project = await createProject();
      await using kinde = await startKinde();
      kinde.answerJwksWith(mode);
      await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
      await using mock = project.start(["mock", "--issuer", kinde.issuer, "--webhook", app.url, "--json"]);
      await mock.line(/"ready"/);
      expect(await kidsOf(project)).toEqual([signingKey.kid]);
      expect((await project.run(["emit", "user.created"])).code).toBe(0);
      mock.child.kill("SIGINT");
      const result = await mock.ended;
      expect(recordsOf(result, "warning").map(({ code }) => code)).toEqual(["WARN_JWKS_UNREACHABLE"]);
      expect(recordsOf(result, "warning")[0]?.message).toContain(new URL(kinde.issuer).host);
      expect(recordsOf(result, "ready")[0]?.issuer).toBe(kinde.issuer);
    },
  );

  test("does not keep the mock from ending at once", async () => {
    using project = await createProject();
    // It never answers, and tells when it is asked.
    await using kinde = await startReceiver({ answers: [() => {}] });
    await using mock = project.start(["mock", "--issuer", `http://127.0.0.1:${kinde.port}`, "--json"]);
    await kinde.next();
    mock.child.kill("SIGINT");
    const result = await mock.ended;
    expect(result.code).toBe(130);
    // What the user ended has not failed.
    expect(recordsOf(result, "warning")).toEqual([]);
    expect(project.readRunFile()).toBeUndefined();
  });
});

test.each(["http://localhost:PORT", "http://127.0.0.1:PORT/", "https://localhost:PORT", "localhost:PORT"])(
  "--issuer %s names the mock itself: it is told, and the mock goes on alone",
  async (url) => {
    using project = await createProject();
    const issuer = url.replace("PORT", String(project.issuerPort));
    await using mock = project.start(["mock", "--issuer", issuer, "--json"]);
    expect(JSON.parse(await mock.line(/"ready"/))).toMatchObject({ issuer: null });
    expect((await ask(project.issuerPort, "/oauth2/auth")).status).toBe(404);
    mock.child.kill("SIGINT");
    expect(recordsOf(await mock.ended, "warning").map(({ code }) => code)).toEqual(["WARN_ISSUER_IS_LOCAL"]);
  },
);

test.each([
  ["http://acme.kinde.com"],
  ["ftp://acme.kinde.com"],
  ["https://"],
  ["//acme.kinde.com"],
  ["https://ada:s3cret@acme.kinde.com"],
  ["https://acme.kinde.com?x=1"],
  ["acme kinde"],
  [""],
])("--issuer %j is none: ERR_INVALID_OPTION", async (issuer) => {
  using project = await createProject();
  const { code, stderr } = await project.run(["mock", `--issuer=${issuer}`]);
  expect(code).toBe(2);
  expect(stderr).toContain("--issuer");
  expect(stderr).toContain("ERR_INVALID_OPTION");
  expect(stderr).not.toContain("s3cret");
});

/** `emit --fault` with `--print`: the damage is in what is printed. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { faults, type FaultName } from "../../src/kinde/faults.ts";
import { createLocalJwks } from "../../src/kinde/jwks.ts";
import { decodeToken, verifyToken } from "../../src/kinde/verify.ts";
import { correct, startHandler } from "../delivery/handlers.ts";
import { isCi } from "../helpers/ci.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { createProject, type TestProject } from "./project.ts";

const hasCurl = spawnSync("curl", ["--version"]).status === 0;
/** They leave the token as it is: the request is damaged, or how it is sent. */
const besideTheToken = new Set<FaultName>([
  "json-body",
  "legacy-content-type",
  "empty-body",
  "slow-sender",
  "cut-body",
]);
const inTheToken = faults.filter(({ name }) => !besideTheToken.has(name));

describe("--print", () => {
  test.each(inTheToken)("token prints the token of $name", async ({ name, reason }) => {
    using project = await createProject();
    const { code, stderr, tokens } = await printTokens(project, name);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const keys = createLocalJwks(project.issuer, { keys: [signingKey.publicJwk] });
    for (const token of tokens) {
      const verified = await verifyToken(token, keys);
      expect("reason" in verified ? verified.reason : null).toBe(reason);
    }
  });

  test("token and claims print what a fault makes of one event, a line or an object each", async () => {
    using project = await createProject();
    const duplicate = (await printTokens(project, "duplicate")).tokens;
    expect([duplicate.length, new Set(duplicate).size]).toEqual([2, 1]);
    const [newer, older, ...others] = (await printTokens(project, "reordered")).tokens.map(decodeToken);
    expect(others).toEqual([]);
    expect(Date.parse(newer!.timestamp) - Date.parse(older!.timestamp)).toBe(1_000);
    const claims = await project.run([
      "emit",
      "role.created",
      "--fault",
      "unknown-event-type",
      "--print",
      "claims",
    ]);
    expect(JSON.parse(claims.stdout)).toMatchObject({ type: "role.unknown" });
  });

  test.each([
    ["json-body", "application/json", /^"[\w-]+\.[\w-]+\.[\w-]+"$/],
    ["legacy-content-type", "application/json", /^[\w-]+\.[\w-]+\.[\w-]+$/],
    ["empty-body", "application/jwt", /^$/],
    ["alg-none", "application/jwt", /^[\w-]+\.[\w-]+\.$/],
  ])("http prints a request of %s that a socket can send as it is", async (name, contentType, body) => {
    using project = await createProject();
    await using app = await startReceiver();
    const args = ["emit", "user.updated", "--fault", name, "--print", "http", "--to", app.url];
    const { stdout } = await project.run(args);
    const socket = createConnection(app.port, "127.0.0.1");
    // The line's own end is no part of the body.
    socket.end(stdout.slice(0, -1));
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /);
    const [request] = app.requests;
    expect(request?.headers["content-type"]).toBe(contentType);
    expect(request?.body.toString()).toMatch(body);
  });

  test.skipIf(!hasCurl && !isCi).each([
    ["tampered-claims", [400]],
    ["json-body", [400]],
    ["empty-body", [400]],
    ["legacy-content-type", [200]],
    ["duplicate", [200, 200]],
  ])("curl prints %s as lines that a shell runs", async (name, statuses) => {
    using project = await createProject();
    await using handler = await startHandler(project.issuer, correct);
    await using mock = project.start(["mock"]);
    await mock.line(/^ready/);
    const args = ["emit", "user.updated", "--fault", name, "--print", "curl", "--to", handler.url.href];
    const { stdout } = await project.run(args);
    const shell = spawn("sh", ["-c", stdout], { stdio: ["ignore", "pipe", "ignore"] });
    const [answers] = await Promise.all([text(shell.stdout), once(shell, "close")]);
    expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))).toEqual(statuses);
  });

  test.each(["slow-sender", "cut-body"])(
    "prints no request of %s, which is in how it is sent",
    async (name) => {
      using project = await createProject();
      for (const format of ["curl", "http"]) {
        const { code, stdout, stderr } = await project.run([
          "emit",
          "user.updated",
          "--fault",
          name,
          "--print",
          format,
        ]);
        expect([code, stdout]).toEqual([2, ""]);
        expect(stderr).toContain("ERR_INVALID_OPTION");
      }
    },
  );

  test("mentions the issuer where the app is to verify it, and nothing where it can't", async () => {
    using project = await createProject();
    const print = async (name: string): Promise<string> =>
      (await project.run(["emit", "user.updated", "--fault", name, "--print", "curl"])).stderr;
    expect(await print("duplicate")).toContain("npx kinde-devhook mock");
    expect(await print("bad-signature")).toBe("");
  });
});

async function printTokens(
  project: TestProject,
  fault: string,
): Promise<{ readonly code: number | null; readonly stderr: string; readonly tokens: readonly string[] }> {
  const { code, stdout, stderr } = await project.run([
    "emit",
    "user.updated",
    "--fault",
    fault,
    "--print",
    "token",
  ]);
  return { code, stderr, tokens: stdout.trim().split("\n") };
}

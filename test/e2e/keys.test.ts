/** `keys`, and what it means for commands that run. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { readKeys } from "../../src/project/keys-file.ts";
import { exportPrivateJwk, importSigningKey } from "../../src/kinde/signing-key.ts";
import type { CliResult } from "../helpers/cli.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { ask } from "../issuer/ask.ts";
import { verifyingAnswer } from "./app.ts";
import { createProject, onlyDelivery, recordsOf, type TestProject } from "./project.ts";
import { createTunnelProject } from "./tunnel-project.ts";

/** Members of an RSA key that are private, and how PEM announces one. */
const privateParts = /"(?:d|p|q|dp|dq|qi)":|PRIVATE/;

describe("keys rotate", () => {
  test("has a new key sign, and leaves the old one to verify", async () => {
    using project = await createProject();
    const { code, stdout, stderr } = await project.run(["keys", "rotate"]);
    const keys = keysOf(project);
    expect(code).toBe(0);
    expect(stateOf(project)).toEqual([
      [expect.stringMatching(/^([\da-f]{2}:){15}[\da-f]{2}$/), "signing"],
      [signingKey.kid, "rotated"],
    ]);
    expect(stdout).toContain(`${keys[0]?.kid}  signs from now on`);
    expect(stdout).toContain(`${signingKey.kid}  signs no more, and still verifies`);
    expect(stderr).toContain("must be restarted");
    expect(stderr).toContain("keys retire");
    expect(stdout + stderr).not.toMatch(privateParts);
    expect(readFileSync(join(project.directory, "keys.json"), "utf8").match(/"d":/g)).toHaveLength(1);
    const { stdout: token } = await project.run(["emit", "user.created", "--print", "token"]);
    expect(kidOf(token)).toBe(keys[0]?.kid);
  });

  test("prints both keys as records with --json", async () => {
    using project = await createProject();
    const result = await project.run(["keys", "rotate", "--json"]);
    expect(recordsOf(result, "key")).toMatchObject(keysOf(project));
    expect(recordsOf(result, "key").map(({ state }) => state)).toEqual(["signing", "rotated"]);
    expect(result.stdout).not.toMatch(privateParts);
  });

  test("by twelve processes at once happens twelve times, and no key is lost", async () => {
    using project = await createProject();
    const results = await Promise.all(
      Array.from({ length: 12 }, () => project.run(["keys", "rotate", "--json"])),
    );
    expect(results.map(({ code }) => code)).toEqual(Array.from({ length: 12 }, () => 0));
    const kids = keysOf(project).map(({ kid }) => kid);
    expect(kids).toHaveLength(13);
    expect(new Set(kids).size).toBe(13);
    expect(kids.at(-1)).toBe(signingKey.kid);
    for (const result of results) expect(kids).toContain(recordsOf(result, "key")[0]?.kid);
    expect(leftIn(project)).toEqual([".gitignore", "keys.json"]);
  });

  test("beside retire and show by other processes leaves a file that all can read", async () => {
    using project = await createProject();
    const actions = ["rotate", "show", "retire", "rotate", "export", "retire", "rotate", "show"];
    const results = await Promise.all(actions.map((action) => project.run(["keys", action, "--json"])));
    expect(results.map(({ code }) => code)).toEqual(actions.map(() => 0));
    for (const result of results) expect(signingIn(result)).toHaveLength(1);
    const rotated = results.filter((_, index) => actions[index] === "rotate");
    const [signing] = keysOf(project);
    // Whichever came last signs.
    expect(rotated.flatMap(signingIn)).toContain(signing?.kid);
    expect(leftIn(project)).toEqual([".gitignore", "keys.json"]);
  });

  test("that is killed at any moment leaves the keys as they were, or as they are to be", async () => {
    using project = await createProject();
    for (let times = 0; times < 8; times++) {
      const before = keysOf(project).map(({ kid }) => kid);
      const left = leftIn(project).length;
      await using rotation = project.start(["keys", "rotate"]);
      // From its lock on it is about to write.
      while (rotation.child.exitCode === null && leftIn(project).length === left) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      rotation.child.kill("SIGKILL");
      await rotation.ended;
      const after = keysOf(project).map(({ kid }) => kid);
      expect(after.slice(-before.length)).toEqual(before);
      expect(after.length - before.length).toBeLessThanOrEqual(1);
      // As if it had been left behind a while ago: nobody need wait here.
      for (const name of leftIn(project).filter((one) => one.includes(".lock"))) {
        utimesSync(join(project.directory, name), 0, 0);
      }
    }
    const { code } = await project.run(["keys", "rotate"]);
    expect(code).toBe(0);
    expect(leftIn(project)).not.toContain("keys.json.lock");
  });
});

describe("keys retire", () => {
  test("drops the keys that were rotated, each with a line", async () => {
    using project = await createProject();
    await project.run(["keys", "rotate"]);
    await project.run(["keys", "rotate"]);
    const [signing, ...rotated] = keysOf(project);
    const { code, stdout } = await project.run(["keys", "retire"]);
    expect(code).toBe(0);
    for (const { kid } of rotated) expect(stdout).toContain(`${kid}  is retired`);
    expect(stateOf(project)).toEqual([[signing?.kid, "signing"]]);
  });

  test("drops one alone, by the beginning of its id", async () => {
    using project = await createProject();
    await project.run(["keys", "rotate"]);
    await project.run(["keys", "rotate"]);
    const [signing, middle] = keysOf(project);
    const result = await project.run(["keys", "retire", signingKey.kid.slice(0, 23), "--json"]);
    expect(recordsOf(result, "key").map(({ kid }) => kid)).toEqual([signing?.kid, middle?.kid]);
    expect(keysOf(project).map(({ kid }) => kid)).toEqual([signing?.kid, middle?.kid]);
  });

  test("without a key to drop says so, and is no failure", async () => {
    using project = await createProject();
    const before = readFileSync(join(project.directory, "keys.json"), "utf8");
    const { code, stdout, stderr } = await project.run(["keys", "retire"]);
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toContain("nothing to retire");
    expect(readFileSync(join(project.directory, "keys.json"), "utf8")).toBe(before);
  });
});

describe("keys show", () => {
  test("lists the keys that still verify behind the one that signs", async () => {
    using project = await createProject();
    await project.run(["keys", "rotate"]);
    const [signing] = keysOf(project);
    const { stdout } = await project.run(["keys", "show"]);
    const [first, second] = stdout.split("\n");
    expect(first).toMatch(new RegExp(`^${signing?.kid}  signs; made `));
    expect(second).toMatch(new RegExp(`^${signingKey.kid}  .*still verifies$`));
    expect(JSON.parse(stdout.slice(stdout.indexOf("{")))).toEqual(signing?.publicJwk);
    expect(stdout).not.toMatch(privateParts);
  });
});

describe("keys export", () => {
  test("prints the JWKS, as the local issuer serves it", async () => {
    using project = await createProject();
    await project.run(["keys", "rotate"]);
    const { code, stdout, stderr } = await project.run(["keys", "export"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    await using mock = project.start(["mock"]);
    await mock.line(/^ready/);
    expect(JSON.parse(stdout)).toEqual((await ask(project.issuerPort, "/.well-known/jwks")).json);
  });

  test("prints the private key with --private: it signs as this project", async () => {
    using project = await createProject();
    const { code, stdout, stderr } = await project.run(["keys", "export", "--private"]);
    const jwk = JSON.parse(stdout) as object;
    expect(code).toBe(0);
    expect(jwk).toEqual({
      ...exportPrivateJwk(signingKey),
      kid: signingKey.kid,
      alg: "RS256",
      use: "sig",
    });
    expect(importSigningKey(jwk).publicJwk).toEqual(signingKey.publicJwk);
    expect(stderr).toContain("the private key");
  });

  test("puts it into the record with --json, and nowhere else", async () => {
    using project = await createProject();
    const result = await project.run(["keys", "export", "--private", "--json"]);
    const [record, ...others] = recordsOf(result, "key");
    expect(others).toEqual([]);
    expect(record).toMatchObject({ kid: signingKey.kid, privateJwk: exportPrivateJwk(signingKey) });
    expect(result.stderr).not.toMatch(privateParts);
    const withoutIt = await project.run(["keys", "export", "--json"]);
    expect(recordsOf(withoutIt, "key")).toMatchObject([{ publicJwk: signingKey.publicJwk }]);
    expect(withoutIt.stdout + withoutIt.stderr).not.toMatch(privateParts);
  });

  test("prints either part as PEM", async () => {
    using project = await createProject();
    const { stdout: publicPem } = await project.run(["keys", "export", "--pem"]);
    expect(publicPem).not.toMatch(privateParts);
    const own = createPublicKey(signingKey.privateKey);
    expect(createPublicKey(publicPem).equals(own)).toBe(true);
    const { stdout: privatePem } = await project.run(["keys", "export", "--pem", "--private"]);
    expect(createPrivateKey(privatePem).equals(signingKey.privateKey)).toBe(true);
  });

  test("prints no PEM beside records: ERR_INVALID_OPTION", async () => {
    using project = await createProject();
    const result = await project.run(["keys", "export", "--private", "--pem", "--json"]);
    expect(result.code).toBe(2);
    expect(result.records).toMatchObject([{ record: "exit", code: 2, reason: "ERR_INVALID_OPTION" }]);
    expect(result.stdout + result.stderr).not.toMatch(privateParts);
  });

  test("prints no private part because a setting says so: the command line alone does", async () => {
    using project = await createProject();
    project.write("package.json", JSON.stringify({ "kinde-devhook": { private: true } }));
    const env = { KINDE_DEVHOOK_PRIVATE: "true" };
    for (const form of [[], ["--pem"], ["--json"]]) {
      const { code, stdout, stderr } = await project.run(["keys", "export", ...form], { env });
      expect(code).toBe(0);
      expect(stdout + stderr).not.toMatch(privateParts);
    }
  });
});

describe("a mock that runs", () => {
  test("signs with a new key at once, and tokens of the old one verify until it is retired", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
    await using mock = project.start(["mock", "--webhook", app.url]);
    await mock.line(/^Emit from another terminal/);
    await project.run(["emit", "user.created"]);
    const oldToken = (await app.next()).body.toString();
    expect(await verifies(project, oldToken)).toBe(true);

    const [rotated] = recordsOf(await project.run(["keys", "rotate", "--json"]), "key");
    const delivery = onlyDelivery(await project.run(["emit", "user.created", "--json"]));
    const newToken = (await app.next()).body.toString();
    expect(kidOf(newToken)).toBe(rotated?.kid);
    expect(delivery).toMatchObject({
      state: "delivered",
      verification: { status: "verified", kid: rotated?.kid },
    });
    expect(await servedKids(project)).toEqual([rotated?.kid, signingKey.kid]);
    expect([await verifies(project, oldToken), await verifies(project, newToken)]).toEqual([true, true]);

    await project.run(["keys", "retire"]);
    expect(await servedKids(project)).toEqual([rotated?.kid]);
    expect([await verifies(project, oldToken), await verifies(project, newToken)]).toEqual([false, true]);
  });

  test("gives out access tokens of the new key, and takes those of the old one until it is retired", async () => {
    using project = await createProject();
    await using mock = project.start(["mock"]);
    await mock.line(/^ready/);
    const old = await accessToken(project);
    await project.run(["keys", "rotate"]);
    const fresh = await accessToken(project);
    expect(kidOf(old)).toBe(signingKey.kid);
    expect(kidOf(fresh)).toBe(keysOf(project)[0]?.kid);
    expect([await callsApi(project, old), await callsApi(project, fresh)]).toEqual([200, 200]);
    await project.run(["keys", "retire"]);
    expect([await callsApi(project, old), await callsApi(project, fresh)]).toEqual([403, 200]);
  });

  test("rotates and retires through its control API, in keys.json", async () => {
    using project = await createProject();
    await using mock = project.start(["mock"]);
    await mock.line(/^ready/);
    const act = async (body: object): Promise<unknown> => {
      const { json } = await ask(project.issuerPort, "/_devhook/api/keys", {
        method: "POST",
        headers: {
          authorization: `Bearer ${project.readRunFile()?.token}`,
          "content-type": "application/json",
        },
        body: JSON.stringify(body),
      });
      return json;
    };
    const rotated = await act({ action: "rotate" });
    expect(rotated).toEqual({
      keys: keysOf(project).map(({ kid, state, createdAt, rotatedAt }) => ({
        kid,
        state,
        createdAt,
        rotatedAt,
      })),
    });
    expect(stateOf(project)).toEqual([
      [expect.not.stringContaining(signingKey.kid), "signing"],
      [signingKey.kid, "rotated"],
    ]);
    await act({ action: "retire", kid: signingKey.kid });
    expect(keysOf(project)).toHaveLength(1);
  });

  test("goes on with its keys when keys.json is damaged, and says so once", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
    await using mock = project.start(["mock", "--webhook", app.url, "--json"]);
    const { webhooks } = JSON.parse(await mock.line(/"ready"/)) as { webhooks: unknown[] };
    expect(webhooks).toHaveLength(1);
    const path = join(project.directory, "keys.json");
    writeFileSync(path, "{damaged");
    const emit = async (): Promise<unknown> =>
      (
        await ask(project.issuerPort, "/_devhook/api/emit", {
          method: "POST",
          headers: {
            authorization: `Bearer ${project.readRunFile()?.token}`,
            "content-type": "application/json",
          },
          body: `{"type":"user.created"}`,
        })
      ).json;
    expect(await emit()).toMatchObject({ deliveries: [{ state: "delivered" }] });
    expect(await emit()).toMatchObject({ deliveries: [{ state: "delivered" }] });
    mock.child.kill("SIGINT");
    const result = await mock.ended;
    expect(result.code).toBe(130);
    const warnings = recordsOf(result, "warning");
    expect(warnings).toMatchObject([{ code: "WARN_KEYS_LOST" }]);
    expect(warnings[0]?.message).toContain(path);
    expect(readFileSync(path, "utf8")).toBe("{damaged");
  });
});

test("an emit that runs signs with the new key at once, and the app verifies every event", async () => {
  using project = await createProject();
  await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
  const load = ["--count", "100000", "--rate", "200/s", "--json"];
  await using emit = project.start(["emit", "user.created", "--to", app.url, ...load]);
  await app.next();
  await project.run(["keys", "rotate"]);
  const [signing] = keysOf(project);
  while (kidOf((await app.next()).body.toString()) !== signing?.kid);
  emit.child.kill("SIGINT");
  const result = await emit.ended;
  expect(recordsOf(result, "summary")).toMatchObject([{ failed: 0 }]);
  const kids = recordsOf(result, "delivery").flatMap(({ verification }) =>
    verification.status === "verified" ? [verification.kid] : [],
  );
  expect([...new Set(kids)]).toEqual([signingKey.kid, signing?.kid]);
});

test("a tunnel that runs lets in what the new key signs, and nothing of a key that is retired", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
  await using tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
  const print = async (): Promise<string> =>
    (await project.run(["emit", "user.created", "--print", "token"])).stdout.trim();
  const post = async (token: string): Promise<number> =>
    (await project.kinde.deliver(tunnel.url, token)).status;
  const old = await print();
  expect(await post(old)).toBe(200);
  await project.run(["keys", "rotate"]);
  const fresh = await print();
  expect(kidOf(fresh)).not.toBe(kidOf(old));
  expect([await post(fresh), await post(old)]).toEqual([200, 200]);
  const [signing] = keysOf(project);
  expect(await servedKids(project)).toEqual([project.kinde.kid, signing?.kid, signingKey.kid]);
  await project.run(["keys", "retire"]);
  expect([await post(fresh), await post(old)]).toEqual([200, 401]);
  expect(await servedKids(project)).toEqual([project.kinde.kid, signing?.kid]);
  const result = await tunnel.stop();
  expect(recordsOf(result, "delivery").map(({ verification }) => verification)).toContainEqual({
    status: "verified",
    kid: signing?.kid,
    issuer: project.issuer,
  });
});

test("the keys file stays its owner's alone, whatever is done with it", async () => {
  using project = await createProject();
  for (const action of ["rotate", "rotate", "retire", "show", "export"]) {
    await project.run(["keys", action]);
    expect(statSync(join(project.directory, "keys.json")).mode & 0o777).toBe(0o600);
  }
});

function keysOf({ directory }: Pick<TestProject, "directory">) {
  return readKeys(join(directory, "keys.json"))!.keys;
}

function stateOf(project: Pick<TestProject, "directory">): unknown {
  return keysOf(project).map(({ kid, state }) => [kid, state]);
}

function leftIn({ directory }: TestProject): string[] {
  return readdirSync(directory).sort();
}

function signingIn(result: Pick<CliResult, "records">): string[] {
  return recordsOf(result, "key").flatMap(({ kid, state }) => (state === "signing" ? [kid] : []));
}

function kidOf(token: string): unknown {
  return (JSON.parse(Buffer.from(token.split(".")[0]!, "base64url").toString()) as { kid: unknown }).kid;
}

async function servedKids({ issuerPort }: Pick<TestProject, "issuerPort">): Promise<string[]> {
  const { json } = await ask(issuerPort, "/.well-known/jwks");
  return (json as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
}

/** Whether an app that has just started verifies the token. */
async function verifies({ issuer }: TestProject, token: string): Promise<boolean> {
  const jwks = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks`));
  return await jwtVerify(token, jwks).then(
    () => true,
    (error: { readonly code?: string }) => {
      expect(error.code).toBe("ERR_JWKS_NO_MATCHING_KEY");
      return false;
    },
  );
}

async function accessToken({ issuerPort }: TestProject): Promise<string> {
  const { json } = await ask(issuerPort, "/oauth2/token", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials&client_id=a&client_secret=b&scope=read:webhooks",
  });
  return (json as { access_token: string }).access_token;
}

async function callsApi({ issuerPort }: TestProject, token: string): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${token}` };
  return (await ask(issuerPort, "/api/v1/webhooks", { headers })).status;
}

/** https at the port of the local issuer, as other programs of the user's machine come to it. */
import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { RunningCli } from "../helpers/cli.ts";
import { isCi } from "../helpers/ci.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { hasIpv6Loopback } from "../net/has-ipv6.ts";
import { untilClosed } from "../net/until-closed.ts";
import { createProject, recordsOf } from "./project.ts";
import { createTunnelProject } from "./tunnel-project.ts";

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

describe("a program on Node", () => {
  test("that is told the CA as `mock` says it speaks https with the issuer", async () => {
    using project = await createProject();
    await using mock = project.start(["mock"]);
    const line = await mock.line(/NODE_EXTRA_CA_CERTS=/);
    const [, caFile = ""] = /NODE_EXTRA_CA_CERTS=(.+)$/.exec(line) ?? [];
    const secure = `https://localhost:${project.issuerPort}`;
    expect(await discover(secure, caFile)).toBe(secure);
  });

  test("that is not told it refuses the issuer", async () => {
    using project = await createProject();
    await using mock = project.start(["mock"]);
    await mock.line(/^ready/);
    expect(await discover(`https://localhost:${project.issuerPort}`)).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  });

  test("speaks https with the issuer of a tunnel, too", async () => {
    await using project = await createTunnelProject();
    await using tunnel = await project.open(["3999"]);
    const { caFile } = tunnel.ready;
    const secure = project.issuer.replace("http:", "https:");
    expect(await discover(secure, caFile ?? "")).toBe(secure);
  });
});

describe.skipIf(!hasCurl && !isCi)("curl", () => {
  const hosts = ["localhost", "127.0.0.1", ...(hasIpv6Loopback ? ["[::1]"] : [])];

  test.each(hosts)("gets the same JWKS from http://%s and https", async (host) => {
    using project = await createProject();
    await using mock = project.start(["mock", "--json"]);
    const caFile = await readyCaFile(mock);
    const url = `${host}:${project.issuerPort}/.well-known/jwks`;
    const [plain, secure] = [curl(`http://${url}`), curl("--cacert", caFile, `https://${url}`)];
    expect(plain.stdout).toContain('"kty":"RSA"');
    expect(secure).toEqual(plain);
  });

  test("finds no name in the certificate but those of this machine", async () => {
    using project = await createProject();
    await using mock = project.start(["mock", "--json"]);
    const caFile = await readyCaFile(mock);
    const { issuerPort: port } = project;
    const elsewhere = ["--resolve", `acme.kinde.com:${port}:127.0.0.1`, `https://acme.kinde.com:${port}/`];
    // 60: the peer's certificate can't be verified.
    expect(curl("--cacert", caFile, ...elsewhere).status).toBe(60);
  });
});

test("the certificates of a project are those of all its commands, one after the other and at once", async () => {
  using project = await createProject();
  const contents: string[] = [];
  for (let round = 0; round < 2; round++) {
    await using first = project.start(["mock", "--json"]);
    await using second = project.start(["mock", "--json", "--issuer-port", String(await findFreePort())]);
    for (const mock of [first, second]) contents.push(readFileSync(await readyCaFile(mock), "utf8"));
  }
  expect(contents[0]).toContain("BEGIN CERTIFICATE");
  expect(new Set(contents).size).toBe(1);
});

test("certificates that are damaged are made anew", async () => {
  using project = await createProject();
  project.write(".kinde-devhook/tls/server.pem", "-----BEGIN CERTIFICATE-----\nnone\n");
  project.write(".kinde-devhook/tls/ca.pem", "");
  await using mock = project.start(["mock", "--json"]);
  const secure = `https://localhost:${project.issuerPort}`;
  expect(await discover(secure, await readyCaFile(mock))).toBe(secure);
});

test("a running mock serves what another command has made since", async () => {
  using project = await createProject();
  const secure = `https://localhost:${project.issuerPort}`;
  await using mock = project.start(["mock", "--json"]);
  const caFile = await readyCaFile(mock);
  expect(await discover(secure, caFile)).toBe(secure);
  project.write(".kinde-devhook/tls/server.pem", "");
  await using other = project.start(["mock", "--json", "--issuer-port", String(await findFreePort())]);
  await readyCaFile(other);
  expect(await discover(secure, caFile)).toBe(secure);
});

test("where there can be no certificates it is said, and http works: WARN_NO_TLS", async () => {
  using project = await createProject();
  mkdirSync(project.directory, { recursive: true });
  writeFileSync(join(project.directory, "tls"), "");
  await using mock = project.start(["mock", "--json"]);
  expect(JSON.parse(await mock.line(/"ready"/))).toMatchObject({ caFile: null });
  expect((await fetch(`${project.issuer}/.well-known/jwks`)).status).toBe(200);
  expect(await discover(`https://localhost:${project.issuerPort}`)).toBe("ECONNRESET");
  mock.child.kill("SIGINT");
  expect(recordsOf(await mock.ended, "warning")).toMatchObject([
    { code: "WARN_NO_TLS", message: expect.stringContaining(join(project.directory, "tls")) },
  ]);
});

test.each([
  ["says nothing", ""],
  ["has begun TLS", "\x16\x03\x01\x02"],
])("a client that %s does not hold up Ctrl-C", async (_, bytes) => {
  using project = await createProject();
  await using mock = project.start(["mock"]);
  await mock.line(/^ready/);
  const socket = connect(project.issuerPort, "127.0.0.1");
  await once(socket, "connect");
  if (bytes !== "") await new Promise((resolve) => socket.write(bytes, "latin1", resolve));
  const closed = untilClosed(socket);
  mock.child.kill("SIGINT");
  expect((await mock.ended).code).toBe(130);
  await closed;
});

async function readyCaFile(mock: RunningCli): Promise<string> {
  const { caFile } = JSON.parse(await mock.line(/"ready"/)) as { caFile: string };
  return caFile;
}

/** What a program of its own finds as the issuer, or the code of its failure. */
async function discover(url: string, caFile?: string): Promise<string> {
  const program = `
    fetch(${JSON.stringify(`${url}/.well-known/openid-configuration`)})
      .then((response) => response.json())
      .then(({ issuer }) => console.log(issuer), ({ cause }) => console.log(cause.code));
  `;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["-e", program], {
    env: caFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: caFile },
  });
  expect(stderr).toBe("");
  return stdout.trim();
}

function curl(...args: readonly string[]): { readonly status: number | null; readonly stdout: string } {
  const { status, stdout } = spawnSync("curl", ["--silent", "--noproxy", "*", ...args], { encoding: "utf8" });
  return { status, stdout };
}

/** What `tunnel` makes of choices that do not fit, or have not proved right yet. */
import { expect, test } from "vitest";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { createProject, recordsOf } from "./project.ts";
import { createTunnelProject, readStateFile } from "./tunnel-project.ts";

test.each([
  ["--host", ["--host", "https://lt.example.com"]],
  ["--subdomain", ["-s", "devhook-mine"]],
  ["--any-subdomain", ["--any-subdomain"]],
])("%s beside a tunnel of one's own is refused with 2", async (flag, args) => {
  using project = await createProject();
  const own = ["--public-url", "https://hooks.example.com", "--intake-port", "4460"];
  const { code, stderr } = await project.run(["tunnel", ...own, ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(new RegExp(`^error .*${flag}.*--public-url.*\\(ERR_INVALID_OPTION\\)\\n$`));
});

test("forwarding to the local issuer itself is refused with 2", async () => {
  using project = await createProject();
  const { code, stderr } = await project.run(["tunnel", String(project.issuerPort)]);
  expect(code).toBe(2);
  expect(stderr).toContain("this tool's own local issuer");
});

test("the server is remembered with the name that it gave", async () => {
  await using project = await createTunnelProject();
  const env = { KINDE_DEVHOOK_HOST: undefined };
  await using first = await project.open(["--host", project.server.url], { env });
  await first.stop();
  expect(readStateFile(project)).toMatchObject({ host: project.server.url });
  await using second = await project.open([], { env });
  expect(second.ready.publicUrl).toBe(first.ready.publicUrl);
});

test("an issuer whose keys could not be read is used and not remembered, and ready says so", async () => {
  await using project = await createTunnelProject();
  const issuer = `http://localhost:${await findFreePort()}`;
  await using tunnel = await project.show(["--issuer", issuer]);
  const { stdout, stderr } = await tunnel.stop();
  expect(stdout).toContain("reaches your app once the keys of its issuer can be had");
  expect(stderr).toContain("WARN_JWKS_UNREACHABLE");
  expect(stderr).toContain(`${issuer} is not remembered`);
  expect(readStateFile(project)).not.toHaveProperty("issuer");
});

test("--issuer that names this tool itself is passed over with a warning: WARN_ISSUER_IS_LOCAL", async () => {
  await using project = await createTunnelProject();
  const env = { KINDE_DOMAIN: project.kinde.issuer };
  await using tunnel = await project.open(["--issuer", project.issuer], { env });
  expect(tunnel.ready.issuer).toBe(project.kinde.issuer);
  expect(recordsOf(await tunnel.stop(), "warning")).toMatchObject([{ code: "WARN_ISSUER_IS_LOCAL" }]);
  expect(readStateFile(project)).not.toHaveProperty("issuer");
});

test("an app that does not listen yet is named, and one that does is not", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  const absent = await findFreePort();
  await using tunnel = await project.show([String(app.port), String(absent)]);
  expect(await tunnel.line(/nothing listens at/)).toContain(`http://localhost:${absent} yet`);
  const { stdout } = await tunnel.stop();
  expect(stdout.match(/nothing listens at/g)).toHaveLength(1);
});

test("ready promises nothing of Kinde's without an issuer, and names what it passes on", async () => {
  await using project = await createTunnelProject();
  await using tunnel = await project.show(["--event-types", "user.*", "--allow-unverified"]);
  const { stdout } = await tunnel.stop();
  expect(stdout).not.toContain("what Kinde sends to this URL reaches your app");
  expect(stdout).toContain("passes on user.* only");
  expect(stdout).toContain("lets in all that is POSTed");
});

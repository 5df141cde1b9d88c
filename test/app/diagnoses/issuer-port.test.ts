import { describe, expect, test } from "vitest";
import { checkIssuerPort } from "../../../src/app/diagnoses/issuer-port.ts";
import { writeRunFile } from "../../../src/project/run-file.ts";
import { findFreePort } from "../../helpers/free-port.ts";
import { foreignKey, signingKey } from "../../helpers/keys.ts";
import { startReceiver } from "../../helpers/receiver.ts";
import { startTestIssuer } from "../../issuer/test-issuer.ts";
import { hasIpv6Loopback } from "../../net/has-ipv6.ts";
import { startTcpServer } from "../../net/tcp-server.ts";
import { createTemporaryProject, keysFileOf, writeKeysFile } from "../../project/temporary-project.ts";

describe("the issuer's port", () => {
  test("passes when it is free, and is free afterwards", async () => {
    using project = createTemporaryProject();
    const port = await findFreePort();
    expect(await checkIssuerPort(project, port)).toMatchObject({
      verdict: "pass",
      message: `${port} is free`,
    });
    await using issuer = await startReceiver({ port });
    expect(issuer.port).toBe(port);
  });

  test("passes when this project serves there, by the command that does", async () => {
    using project = createTemporaryProject();
    writeKeysFile(project, keysFileOf(signingKey));
    await using issuer = await startTestIssuer({ project: project.directory });
    const { port } = issuer;
    writeRunFile(project, { port, pid: process.pid, command: "mock", token: "t", webhooks: [] });
    expect(await checkIssuerPort(project, port)).toMatchObject({
      verdict: "pass",
      message: `${port} is served by this project's mock (pid ${process.pid})`,
    });
  });

  test("fails when what this project serves there has another key than the project", async () => {
    using project = createTemporaryProject();
    writeKeysFile(project, keysFileOf(foreignKey));
    await using issuer = await startTestIssuer({ project: project.directory });
    expect(await checkIssuerPort(project, issuer.port)).toMatchObject({
      verdict: "fail",
      code: "ERR_STALE_ISSUER",
    });
  });

  test("fails when another project serves there, which is named", async () => {
    using project = createTemporaryProject();
    using other = createTemporaryProject();
    await using issuer = await startTestIssuer({ project: other.directory });
    expect(await checkIssuerPort(project, issuer.port)).toMatchObject({
      verdict: "fail",
      code: "ERR_OTHER_PROJECT",
      message: expect.stringContaining(other.directory),
      advice: expect.stringContaining("--issuer-port"),
    });
  });

  test("fails when a stranger has it, with the process where the system tells", async () => {
    using project = createTemporaryProject();
    await using stranger = await startReceiver();
    const finding = await checkIssuerPort(project, stranger.port);
    expect(finding).toMatchObject({ verdict: "fail", code: "ERR_PORT_TAKEN" });
    expect(finding.advice).toContain("--issuer-port");
    expect(finding.message).toContain(`port ${stranger.port} is taken by`);
  });

  test.skipIf(!hasIpv6Loopback)("fails when a stranger has it on ::1 alone", async () => {
    using project = createTemporaryProject();
    await using stranger = await startReceiver({ host: "::1" });
    expect(await checkIssuerPort(project, stranger.port)).toMatchObject({
      verdict: "fail",
      code: "ERR_PORT_TAKEN",
    });
  });

  test("fails when what has it speaks no HTTP", async () => {
    using project = createTemporaryProject();
    await using stranger = await startTcpServer((socket) => void socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    expect(await checkIssuerPort(project, stranger.port)).toMatchObject({
      verdict: "fail",
      code: "ERR_PORT_TAKEN",
    });
  });
});

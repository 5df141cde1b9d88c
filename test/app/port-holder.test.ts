import { describe, expect, test } from "vitest";
import {
  findPortHolder,
  OtherProjectError,
  PortTakenError,
  StaleIssuerError,
} from "../../src/app/port-holder.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { startTestIssuer } from "../issuer/test-issuer.ts";
import { startTcpServer } from "../net/tcp-server.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";

/** Where the system tells who listens. */
const pid = process.platform === "linux" ? process.pid : undefined;

describe("the holder of a port", () => {
  test("is nobody where nothing listens", async () => {
    using project = createTemporaryProject();
    expect(await findPortHolder(await findFreePort(), project)).toBeUndefined();
  });

  test("is this project, with its process and its keys", async () => {
    using project = createTemporaryProject();
    await using issuer = await startTestIssuer({ project: project.directory });
    expect(await findPortHolder(issuer.port, project)).toEqual({
      kind: "this-project",
      pid: process.pid,
      keyIds: [signingKey.kid],
    });
  });

  test("is another project, by its directory", async () => {
    using project = createTemporaryProject();
    using other = createTemporaryProject();
    await using issuer = await startTestIssuer({ project: other.directory });
    expect(await findPortHolder(issuer.port, project)).toEqual({
      kind: "other-project",
      pid: process.pid,
      project: other.directory,
    });
  });

  test.each([
    ["nothing", ""],
    ["a page", "<html>"],
    ["other JSON", `{"name":"another","pid":1}`],
    ["a list", "[]"],
  ])("is a stranger when it answers %s", async (_, body) => {
    using project = createTemporaryProject();
    await using receiver = await startReceiver({ answers: [(response) => void response.end(body)] });
    const holder = await findPortHolder(receiver.port, project);
    expect(holder).toMatchObject({ kind: "stranger", pid, hungUp: false });
  });

  test("is a stranger when it speaks no HTTP", async () => {
    using project = createTemporaryProject();
    await using server = await startTcpServer((socket) => void socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    expect(await findPortHolder(server.port, project)).toMatchObject({
      kind: "stranger",
      pid,
      hungUp: false,
    });
  });

  test("is a stranger that hung up when it ends the connection, as one does that closes just now", async () => {
    using project = createTemporaryProject();
    await using server = await startTcpServer(
      (socket) => void socket.resume().once("data", () => socket.destroy()),
    );
    expect(await findPortHolder(server.port, project)).toMatchObject({ kind: "stranger", pid, hungUp: true });
  });
});

test.each([
  [
    new OtherProjectError(4455, { kind: "other-project", pid: 77, project: "/other/.kinde-devhook" }),
    "ERR_OTHER_PROJECT",
    2,
    ["4455", "pid 77", "/other/.kinde-devhook", "--issuer-port 4456"],
  ],
  [
    new PortTakenError(4455, { kind: "this-project", pid: 77, keyIds: [] }),
    "ERR_PORT_TAKEN",
    3,
    ["4455", "pid 77", "this project", "--issuer-port 4456"],
  ],
  [
    new PortTakenError(4455, { kind: "stranger", pid: 77, command: "nginx", hungUp: false }),
    "ERR_PORT_TAKEN",
    3,
    ["4455", "pid 77", "nginx", "--issuer-port 4456"],
  ],
  [
    new PortTakenError(4455, undefined),
    "ERR_PORT_TAKEN",
    3,
    ["4455", "another program", "--issuer-port 4456"],
  ],
  [new StaleIssuerError(4455, 77), "ERR_STALE_ISSUER", 3, ["4455", "pid 77"]],
])("%s says who has the port and what to do", (error, code, exitCode, phrases) => {
  expect(error).toMatchObject({ code, exitCode });
  for (const phrase of phrases) expect(error.message).toContain(phrase);
});

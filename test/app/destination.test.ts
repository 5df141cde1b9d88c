import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { findDestination, type Destination } from "../../src/app/destination.ts";
import { parseForward } from "../../src/delivery/forward.ts";
import type { Project } from "../../src/project/directory.ts";
import { writeRunFile, type RunRecord } from "../../src/project/run-file.ts";
import { updateState } from "../../src/project/state-file.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { startTestIssuer } from "../issuer/test-issuer.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { startTestMock } from "./test-mock.ts";

const webhook = "http://localhost:3000/mock";

describe("where events go", () => {
  test("is the first that is found", async () => {
    using project = createTemporaryProject();
    await using mock = await startTestMock(project, [webhook]);
    updateState(project, { forward: ["5003"], lastEndpoint: "http://localhost:5004/last" });
    const given = { to: ["5001"], forward: ["5002"] };
    expect(await urlsOf(project, given)).toEqual(["http://localhost:5001/api/webhook"]);
    expect(await find(project, { forward: ["5002"] })).toMatchObject({
      kind: "mock",
      run: { port: mock.run.port, webhooks: [webhook] },
      why: expect.stringContaining(`pid ${process.pid}`),
    });
    await mock.close(0);
    expect(await urlsOf(project, { forward: ["5002"] })).toEqual(["http://localhost:5002/api/webhook"]);
    expect(await urlsOf(project)).toEqual(["http://localhost:5003/api/webhook"]);
    updateState(project, { forward: [] });
    expect(await urlsOf(project)).toEqual(["http://localhost:5004/last"]);
  });
});

describe("inside of run", () => {
  test("is its webhooks, whatever else the project has", async () => {
    using project = createTemporaryProject();
    await using mock = await startTestMock(project, ["http://localhost:3000/other"]);
    const surroundingMock = record(4999, { command: "run" });
    const found = await find(project, { forward: ["5002"], issuerPort: mock.run.port, surroundingMock });
    expect(found).toEqual({ kind: "mock", run: surroundingMock, why: "the mock of KINDE_DEVHOOK_URL" });
  });

  test.each([
    ["--to", { to: ["5001"] }, { webhooks: [webhook] }, "http://localhost:5001/api/webhook"],
    [
      "what else is found, where it has none",
      { forward: ["5002"] },
      { webhooks: [] },
      "http://localhost:5002/api/webhook",
    ],
    ["the default, where nothing is found", {}, { webhooks: [] }, "http://localhost:3000/api/webhook"],
  ])("is %s, through its mock", async (_, given, members, url) => {
    using project = createTemporaryProject();
    const surroundingMock = record(4999, { command: "run", ...members });
    const found = await find(project, { ...given, surroundingMock });
    expect(found).toMatchObject({
      kind: "endpoints",
      endpoints: [{ url: new URL(url) }],
      through: surroundingMock,
    });
  });
});

test("of several mocks the one on the issuer's port is meant", async () => {
  using project = createTemporaryProject();
  await using one = await startTestMock(project, [webhook]);
  await using other = await startTestMock(project, [webhook]);
  for (const { run } of [one, other]) {
    expect(await find(project, { issuerPort: run.port })).toMatchObject({
      kind: "mock",
      run: { port: run.port },
    });
  }
});

describe("a run file does not stand for a running mock", () => {
  test("when the mock has no webhook", async () => {
    using project = createTemporaryProject();
    await using mock = await startTestMock(project, []);
    expect(mock.run.webhooks).toEqual([]);
    expect(await find(project)).toMatchObject({ kind: "endpoints" });
  });

  test("when its process is dead", async () => {
    using project = createTemporaryProject();
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    writeRunFile(project, record(await findFreePort(), { pid }));
    expect(await find(project)).toMatchObject({ kind: "endpoints" });
  });

  test("when its pid is another's by now and nobody listens", async () => {
    using project = createTemporaryProject();
    writeRunFile(project, record(await findFreePort()));
    expect(await find(project)).toMatchObject({ kind: "endpoints" });
  });

  test("when a stranger has the port", async () => {
    using project = createTemporaryProject();
    await using receiver = await startReceiver();
    writeRunFile(project, record(receiver.port));
    expect(await find(project)).toMatchObject({ kind: "endpoints" });
  });

  test("when another project has the port", async () => {
    using project = createTemporaryProject();
    await using issuer = await startTestIssuer({ project: "/other/.kinde-devhook" });
    writeRunFile(project, record(issuer.port));
    expect(await find(project)).toMatchObject({ kind: "endpoints" });
  });

  test("when another process of the project has the port", async () => {
    using project = createTemporaryProject();
    await using issuer = await startTestIssuer({ project: project.directory });
    // A process that lives, but is not the one that listens.
    writeRunFile(project, record(issuer.port, { pid: process.ppid }));
    expect(await find(project)).toMatchObject({ kind: "endpoints" });
  });
});

interface Given {
  readonly to?: readonly string[];
  readonly forward?: readonly string[];
  readonly issuerPort?: number;
  readonly surroundingMock?: RunRecord;
}

async function find(
  project: Project,
  { to = [], forward = [], issuerPort = 4455, surroundingMock }: Given = {},
): Promise<Destination> {
  return await findDestination({
    project,
    to: to.map((text) => parseForward(text, "--to")),
    forward: forward.map((text) => parseForward(text, "forward")),
    issuerPort,
    surroundingMock,
  });
}

async function urlsOf(project: Project, given: Given = {}): Promise<string[]> {
  const destination = await find(project, given);
  return destination.kind === "mock" ? [] : destination.endpoints.map(({ url }) => url.href);
}

function record(port: number, members: Partial<RunRecord> = {}): RunRecord {
  return { port, pid: process.pid, command: "mock", token: "x", webhooks: [webhook], ...members };
}

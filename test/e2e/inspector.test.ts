/** The inspector and the control API of the built command line, as a browser and a script meet them. */
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { DeliverySummary, LiveMessage, Status } from "../../src/inspector/protocol.ts";
import { printedUrl } from "../helpers/printed-url.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { createProject, recordsOf, type TestProject } from "./project.ts";
import { createTunnelProject, readHistory } from "./tunnel-project.ts";

/** As the page does: the ticket of a printed URL becomes the token. */
async function openSession(url: string): Promise<{ readonly status: number; readonly token: string }> {
  const { origin, hash } = new URL(url);
  const response = await fetch(`${origin}/_devhook/api/session`, {
    method: "POST",
    headers: { origin, "content-type": "application/json" },
    body: JSON.stringify({ ticket: hash.slice("#t=".length) }),
  });
  const { token = "" } = (await response.json()) as { token?: string };
  return { status: response.status, token };
}

interface Feed extends Disposable {
  /** Resolves with the first message, past or to come, of which this holds. */
  until(is: (message: LiveMessage) => boolean): Promise<LiveMessage>;
}

async function openFeed(origin: string, token: string): Promise<Feed> {
  const socket = new WebSocket(`${origin.replace("http", "ws")}/_devhook/live`, ["kinde-devhook", token], {
    origin,
  });
  const messages: LiveMessage[] = [];
  socket.on("message", (data: Buffer) => messages.push(JSON.parse(data.toString()) as LiveMessage));
  await once(socket, "open");
  return {
    until: async (is) => {
      for (let message = messages.find(is); ; message = messages.find(is)) {
        if (message !== undefined) return message;
        await once(socket, "message");
      }
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}

async function call(origin: string, token: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${origin}/_devhook/api${path}`, {
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
  });
  return await response.json();
}

function isOf(state: DeliverySummary["state"], direction: DeliverySummary["direction"]) {
  return (message: LiveMessage): boolean =>
    message.kind === "delivery" &&
    message.delivery.state === state &&
    message.delivery.direction === direction;
}

describe("mock", () => {
  test("prints a URL that lets one page in, once, and the page is there", async () => {
    using project = await createProject();
    await using mock = project.start(["mock"]);
    const url = await printedUrl(mock);
    expect(url.startsWith(`${project.issuer}/_devhook/#t=`)).toBe(true);
    const page = await fetch(url);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    for (const [, name] of (await page.text()).matchAll(/(?:src|href)="([a-z.]+)"/g)) {
      expect((await fetch(`${project.issuer}/_devhook/${name}`)).status).toBe(200);
    }
    const [first, second] = [await openSession(url), await openSession(url)];
    expect([first, second.status]).toEqual([{ status: 200, token: project.readRunFile()?.token }, 401]);
  });

  test("tells its page at once what another process emits, and shows and keeps what the page replays", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await using mock = project.start(["mock", "--webhook", app.url]);
    const { token } = await openSession(await printedUrl(mock));
    using feed = await openFeed(project.issuer, token);
    await feed.until(({ kind }) => kind === "hello");
    await project.run(["emit", "user.created"]);
    await feed.until(isOf("delivered", "emitted"));
    await call(project.issuer, token, "/deliveries/last/replay", {
      set: { "user.email": "new@example.com" },
    });
    await feed.until(isOf("delivered", "replayed"));
    expect(app.requests).toHaveLength(2);
    mock.child.kill("SIGINT");
    expect((await mock.ended).stdout.match(/◂ 200/g)).toHaveLength(2);
    expect(readHistory(project).map(({ direction }) => direction)).toEqual(["emitted", "replayed"]);
  });

  test("tells its page of time that is moved", async () => {
    using project = await createProject();
    await using mock = project.start(["mock"]);
    const { token } = await openSession(await printedUrl(mock));
    using feed = await openFeed(project.issuer, token);
    await call(project.issuer, token, "/clock", { advance: "2h" });
    const later = (status: Status): boolean => Date.parse(status.now ?? "") > Date.now() + 3_600_000;
    const told = await feed.until((message) => message.kind === "status" && later(message.status));
    expect(told).toMatchObject({ status: { command: "mock", webhooks: [] } });
  });

  test("a page of the process before is refused after a restart, and let in with the newly printed URL", async () => {
    using project = await createProject();
    await using before = project.start(["mock"]);
    const { token } = await openSession(await printedUrl(before));
    before.child.kill("SIGINT");
    await before.ended;
    await using after = project.start(["mock"]);
    const url = await printedUrl(after);
    expect(await call(project.issuer, token, "/status")).toMatchObject({
      errors: [{ code: "ERR_CONTROL_TOKEN" }],
    });
    await expect(openFeed(project.issuer, token)).rejects.toThrow("401");
    expect((await openSession(url)).status).toBe(200);
  });

  test("ends at Ctrl-C while a page looks", async () => {
    using project = await createProject();
    await using mock = project.start(["mock"]);
    const { token } = await openSession(await printedUrl(mock));
    using feed = await openFeed(project.issuer, token);
    await feed.until(({ kind }) => kind === "deliveries");
    mock.child.kill("SIGINT");
    expect((await mock.ended).code).toBe(130);
  });
});

describe("tunnel", () => {
  test("tells its page of a webhook of Kinde's, and emits to where it forwards to", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    await using tunnel = await project.open([`${app.port}`, "--issuer", project.kinde.issuer]);
    const { inspector } = tunnel.ready;
    const { token } = await openSession(inspector!);
    using feed = await openFeed(project.issuer, token);
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"), { webhookId: "wh-1" });
    await feed.until(isOf("delivered", "relayed"));
    await call(project.issuer, token, "/emit", { type: "role.created" });
    await feed.until(isOf("delivered", "emitted"));
    expect(await call(project.issuer, token, "/deliveries/last")).toMatchObject({ signer: "local" });
    const listed = await call(project.issuer, token, "/deliveries?type=user.*&direction=relayed");
    expect(listed).toMatchObject({ deliveries: [{ webhookId: "wh-1" }] });
    const result = await tunnel.stop();
    expect(recordsOf(result, "delivery").map(({ direction, state }) => [direction, state])).toEqual([
      ["relayed", "delivered"],
      ["emitted", "delivered"],
    ]);
    expect(readHistory(project).map(({ direction }) => direction)).toEqual(["relayed", "emitted"]);
  });

  test("tells its page of what a shield has taken over before the app has answered, and how much of it waits", async () => {
    await using project = await createTunnelProject();
    let answer = (): void => {};
    const late: Answer = (response) => void (answer = () => response.writeHead(200).end());
    await using app = await startReceiver({ answers: [late] });
    await using tunnel = await project.open([`${app.port}`, "--shield", "--issuer", project.kinde.issuer]);
    const { token } = await openSession(tunnel.ready.inspector!);
    using feed = await openFeed(project.issuer, token);
    const waits = (count: number) => (message: LiveMessage) =>
      message.kind === "status" && message.status.shielded === count;
    await feed.until(({ kind }) => kind === "deliveries");
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"), { webhookId: "wh-1" });
    await feed.until(isOf("pending", "relayed"));
    await feed.until(waits(1));
    await app.next();
    answer();
    await feed.until(isOf("delivered", "relayed"));
    await feed.until(waits(0));
    expect(recordsOf(await tunnel.stop(), "delivery")).toMatchObject([{ state: "delivered" }]);
    expect(readHistory(project)).toMatchObject([{ state: "delivered", attempts: [{ number: 1 }] }]);
  });

  test("shows what was emitted through it to people, as it shows what comes", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [500] });
    await using tunnel = await project.show([`${app.port}`, "--issuer", project.kinde.issuer]);
    const { token } = project.readRunFile()!;
    await call(project.issuer, token, "/emit", { type: "role.created" });
    await tunnel.line(/▸ role\.created/);
    await tunnel.line(/◂ 500/);
    expect(await tunnel.line(/^ {2}inspector {2}http/)).toContain("/_devhook/#t=");
  });

  test("--no-history keeps nothing on disk, and shows what passes as long as it runs", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    await using tunnel = await project.open([
      `${app.port}`,
      "--issuer",
      project.kinde.issuer,
      "--no-history",
    ]);
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"), { webhookId: "wh-1" });
    const { token } = await openSession(tunnel.ready.inspector!);
    expect(await call(project.issuer, token, "/deliveries/last")).toMatchObject({
      delivery: { webhookId: "wh-1" },
      signer: "kinde",
    });
    expect(() => readHistory(project)).toThrow("ENOENT");
  });
});

test.each(["mock", "tunnel"])("%s --no-inspector serves the control API, and no page", async (command) => {
  await using project = await createTunnelProject();
  await using running = project.start([command, "--no-inspector", "--json"]);
  expect(JSON.parse(await running.line(/"record":"ready"/))).toMatchObject({ inspector: null });
  const { token } = project.readRunFile()!;
  for (const path of ["/_devhook", "/_devhook/", "/_devhook/live"]) {
    expect([path, (await fetch(project.issuer + path)).status]).toEqual([path, 404]);
  }
  await expect(openFeed(project.issuer, token)).rejects.toThrow(/404|Unexpected server response/);
  expect(await call(project.issuer, token, "/status")).toMatchObject({ command });
});

test("run has no page, and says so", async () => {
  using project: TestProject = await createProject();
  const { records } = await project.run(["run", "--json", "--", process.execPath, "-e", "0"]);
  expect(records.find(({ record }) => record === "ready")).toMatchObject({ inspector: null });
});

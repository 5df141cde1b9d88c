/** The tunnel server is out of order: within 15 s a sentence and exit 3, and nothing is left behind. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startFakeLocaltunnelServer, type RegistrationMode } from "../helpers/fake-localtunnel-server.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { hang } from "./app.ts";
import { createProject, recordsOf } from "./project.ts";

const limitMs = 15_000;

const faults: [fault: string, mode: RegistrationMode, code: string, phrase: string, isRetried: boolean][] = [
  ["stalls", "never", "ERR_TUNNEL_UNREACHABLE", "can't be reached", false],
  ["answers a web page", "html", "ERR_TUNNEL_INVALID", "text/html", false],
  ["answers 403", "forbidden", "ERR_TUNNEL_REFUSED", "Invalid subdomain", false],
  ["answers 404", { status: 404, body: "?" }, "ERR_TUNNEL_INVALID", "status 404", false],
  ["answers 429", "too-many", "ERR_TUNNEL_UNAVAILABLE", "429", true],
  ["answers 500", { status: 500, body: "" }, "ERR_TUNNEL_UNAVAILABLE", "500", true],
  ["answers 503", "error", "ERR_TUNNEL_UNAVAILABLE", "503", true],
  ["answers odd JSON", { body: { id: 5 } }, "ERR_TUNNEL_INVALID", "localtunnel server", false],
  ["gives the name to another", "taken", "ERR_SUBDOMAIN_TAKEN", "devhook-mine is taken", true],
];

describe("a tunnel server that", () => {
  test.each(faults)("%s: exit 3 within 15 s", async (_fault, mode, code, phrase, isRetried) => {
    using project = await createProject();
    await using server = await startFakeLocaltunnelServer({ answer: mode });
    const startedAt = performance.now();
    const result = await project.run(["tunnel", "-s", "devhook-mine", "--host", server.url, "--json"]);
    expect(performance.now() - startedAt).toBeLessThan(limitMs);
    expect(result.code).toBe(3);
    const { record, reason, message } = result.records.at(-1)! as Record<string, unknown>;
    expect([record, reason]).toEqual(["exit", code]);
    expect(message).toContain(phrase);
    const lines = result.stderr.trimEnd().split("\n");
    expect(lines.filter((line) => !line.startsWith("Trying again for a few seconds: "))).toEqual([
      `error ${String(message)} (${code})`,
    ]);
    expect(server.registrations.length > 1).toBe(isRetried);
    expect(new Set(server.registrations)).toEqual(new Set(["/devhook-mine"]));
    // A tunnel that never was is not remembered, and nobody finds it.
    expect(existsSync(join(project.directory, "state.json"))).toBe(false);
    expect(project.readRunFile()).toBeUndefined();
    await server.waitForSockets(0);
  });

  test("is down: exit 3 within 15 s", async () => {
    using project = await createProject();
    const host = `http://localhost:${await findFreePort()}`;
    const startedAt = performance.now();
    const result = await project.run(["tunnel", "--host", host, "--json"]);
    expect(performance.now() - startedAt).toBeLessThan(limitMs);
    expect(result.code).toBe(3);
    expect(result.records.at(-1)).toMatchObject({ record: "exit", reason: "ERR_TUNNEL_UNREACHABLE" });
    expect(result.stderr).toContain(`the tunnel server ${new URL(host).host} can't be reached`);
    expect(result.stderr).toContain("--host");
  });

  test("grants a tunnel through which nothing comes: exit 3 within 15 s", async () => {
    using project = await createProject();
    await using nowhere = await startReceiver({ answers: [hang] });
    const { port } = nowhere;
    const body = {
      id: "devhook-mine",
      port,
      max_conn_count: 1,
      url: `http://devhook-mine.localhost:${port}`,
    };
    await using server = await startFakeLocaltunnelServer({ answer: { body } });
    const startedAt = performance.now();
    const result = await project.run(["tunnel", "-s", "devhook-mine", "--host", server.url, "--json"]);
    expect(performance.now() - startedAt).toBeLessThan(limitMs);
    expect(result.code).toBe(3);
    expect(result.records.at(-1)).toMatchObject({ record: "exit", reason: "ERR_PROBE_FAILED" });
    expect(result.records.map(({ record }) => record)).not.toContain("ready");
  });

  test("moves is followed", async () => {
    using project = await createProject();
    await using server = await startFakeLocaltunnelServer({ answer: "redirect" });
    await using tunnel = project.start(["tunnel", "-s", "devhook-mine", "--host", server.url, "--json"]);
    expect(await tunnel.line(/"ready"/)).toContain(`http://devhook-mine.localhost:${server.port}`);
  });

  test("recovers within the first seconds is waited for, and people are told", async () => {
    using project = await createProject();
    await using server = await startFakeLocaltunnelServer({ answer: "error" });
    await using tunnel = project.start(["tunnel", "-s", "devhook-mine", "--host", server.url]);
    await tunnel.line(/^Trying again for a few seconds: .*503/);
    server.answerWith("tunnel");
    expect(await tunnel.line(/← for Kinde/)).toContain(`http://devhook-mine.localhost:${server.port}/`);
  });
});

describe("a tunnel that is lost", () => {
  test("because its server can't be reached any more is opened again under its name", async () => {
    using project = await createProject();
    await using server = await startFakeLocaltunnelServer();
    await using tunnel = project.start(["tunnel", "-s", "devhook-mine", "--host", server.url, "--json"]);
    await tunnel.line(/"ready"/);
    server.refuse();
    server.dropAll();
    await tunnel.line(/"record":"tunnel".*"state":"up"/);
    tunnel.child.kill("SIGINT");
    const result = await tunnel.ended;
    expect(result.code).toBe(130);
    expect(recordsOf(result, "tunnel").map(({ state }) => state)).toEqual(["down", "up"]);
    expect(server.registrations).toEqual(["/devhook-mine", "/devhook-mine"]);
  });

  test("in its connections alone has new ones before anybody notices", async () => {
    using project = await createProject();
    await using server = await startFakeLocaltunnelServer();
    await using tunnel = project.start(["tunnel", "-s", "devhook-mine", "--host", server.url, "--json"]);
    await tunnel.line(/"ready"/);
    await server.waitForSockets(10);
    const cut = server.sockets.slice(0, 5);
    const closed = Promise.all(cut.map((socket) => once(socket, "close")));
    for (const socket of cut) socket.destroy();
    await closed;
    await server.waitForSockets(10);
    tunnel.child.kill("SIGINT");
    expect(recordsOf(await tunnel.ended, "tunnel")).toEqual([]);
    expect(server.registrations).toEqual(["/devhook-mine"]);
  });

  test.each<[string, RegistrationMode, object]>([
    ["refuses the name", "forbidden", { state: "reconnecting", cause: "tunnel service" }],
    ["has given the name away", "taken", { state: "down", cause: "name taken" }],
    ["answers a web page", "html", { state: "reconnecting", cause: "tunnel service" }],
    ["is out of order", "error", { state: "reconnecting", cause: "tunnel service" }],
  ])("keeps trying while its server %s, and says so", async (_what, mode, said) => {
    using project = await createProject();
    await using server = await startFakeLocaltunnelServer();
    await using tunnel = project.start(["tunnel", "-s", "devhook-mine", "--host", server.url, "--json"]);
    await tunnel.line(/"ready"/);
    server.answerWith(mode);
    server.refuse();
    server.dropAll();
    const line = await tunnel.line(
      /"record":"tunnel".*"reason":"[^"]*(refuses the name|is taken|text\/html|503)/,
    );
    expect(JSON.parse(line)).toMatchObject(said);
    server.answerWith("tunnel");
    const up = JSON.parse(await tunnel.line(/"record":"tunnel".*"state":"up"/)) as { url: string };
    expect(up.url).toBe(`http://devhook-mine.localhost:${server.port}`);
    expect(new Set(server.registrations)).toEqual(new Set(["/devhook-mine"]));
  });
});

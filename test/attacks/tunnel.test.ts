/** The most telling rows once more, through the built `tunnel` behind the real localtunnel server: `npm run build` comes first. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProject, recordsOf, type TestProject } from "../e2e/project.ts";
import type { RunningCli } from "../helpers/cli.ts";
import { startLocaltunnelServer, type LocaltunnelServer } from "../helpers/localtunnel-server.mjs";
import { startReceiver, type Receiver } from "../helpers/receiver.ts";
import { openWire } from "../relay/wire.ts";
import { attacks } from "./attack-table.ts";
import { requestBytes, type Attack } from "./attack.ts";
import { openSurroundings, type Surroundings } from "./scene.ts";

let surroundings: Surroundings & AsyncDisposable;
let server: LocaltunnelServer;
let app: Receiver;
let project: TestProject;
let tunnel: RunningCli;
let publicUrl: string;

beforeAll(async () => {
  surroundings = await openSurroundings();
  server = await startLocaltunnelServer();
  app = await startReceiver();
  project = await createProject();
  const args = ["tunnel", app.url, "--host", server.url, "--issuer", surroundings.kinde.issuer, "--json"];
  tunnel = project.start(args);
  const ready = JSON.parse(await tunnel.line(/"record":"ready"/)) as { publicUrl: string };
  publicUrl = ready.publicUrl;
});
afterAll(async () => {
  await tunnel[Symbol.asyncDispose]();
  project[Symbol.dispose]();
  await app[Symbol.asyncDispose]();
  await server.stop();
  await surroundings[Symbol.asyncDispose]();
});

/** The rows whose token, not whose wire, is the attack: they come to the gate as they were sent. */
const wanted: readonly RegExp[] = [
  /^alg "none", /,
  /^HS256 keyed with the public key as (SPKI PEM|JWK)$/,
  /^PS256 with the right key id/,
  /^(jku|jwk|x5u|x5c) of the attacker's, with the right key id/,
  /^crit with an extension/,
  /^a key id that is (a path|a URL|__proto__|64 KiB long)/,
  /^a header whose alg is nested/,
  /^a token of /,
  /^a genuine token (in quotes|in JSON serialisation|with a newline behind|followed by another, after a newline)/,
  /^the same issuer's /,
  /^signed claims that are an array$/,
  /^signed claims with a timestamp of 2020$/,
  /^(GET|PUT|OPTIONS) with a genuine token/,
  /^a WebSocket's handshake/,
  /^an absolute target$/,
];
const rows = attacks.filter(({ name }) => wanted.some((pattern) => pattern.test(name)));
const named = rows.map((attack) => [attack.name, attack] as const);

/** The same bytes, addressed to the tunnel. */
function addressed(bytes: string | Buffer): Buffer {
  const text = Buffer.from(bytes as string, "latin1").toString("latin1");
  return Buffer.from(text.replace(/\r\nhost: [^\r]*/, `\r\nhost: ${new URL(publicUrl).host}`), "latin1");
}

async function send(bytes: string | Buffer): Promise<number | undefined> {
  using wire = await openWire(server.port);
  await wire.write(addressed(bytes));
  return (await wire.answer())?.status;
}

async function deliverGenuine(): Promise<void> {
  const before = app.requests.length;
  const token = surroundings.kinde.signWebhook("user.created");
  const answer = await surroundings.kinde.deliver(`${publicUrl}/api/webhook`, token);
  expect(answer.status).toBe(200);
  expect(app.requests.slice(before).map(({ body }) => body.toString())).toEqual([token]);
}

describe("through the tunnel", () => {
  test("every pattern names rows of the table", () => {
    expect(wanted.filter((pattern) => !attacks.some(({ name }) => pattern.test(name)))).toEqual([]);
  });

  test.each(named)("is refused: %s", async (_, attack: Attack) => {
    const before = app.requests.length;
    expect(await send(attack.bytes(surroundings))).toBe(attack.status);
    expect(app.requests).toHaveLength(before);
    expect(surroundings.trap.requests).toEqual([]);
  });

  test("forty upgrades that are held open do not hold the tunnel's ten connections", async () => {
    const { host } = new URL(publicUrl);
    const handshake = requestBytes({
      method: "GET",
      headers: {
        host,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-version": "13",
        "content-length": undefined,
      },
    });
    const wires = await Promise.all(Array.from({ length: 40 }, () => openWire(server.port)));
    try {
      await Promise.all(wires.map((wire) => wire.write(handshake)));
      const answers = await Promise.all(wires.map((wire) => wire.answer()));
      expect(answers.filter((answer) => answer !== undefined && answer.status !== 404)).toEqual([]);
      await deliverGenuine();
    } finally {
      for (const wire of wires) wire[Symbol.dispose]();
    }
  });

  test("a body of 1 MiB + 1 ends at the gate", async () => {
    const before = app.requests.length;
    using wire = await openWire(server.port);
    await wire.write(addressed(requestBytes({ body: "a".repeat((1 << 20) + 1) })));
    await tunnel.line(/"ERR_BODY_TOO_LARGE"/);
    expect(app.requests).toHaveLength(before);
    await deliverGenuine();
  });

  test("a hundred unsigned requests at once do not keep a genuine one out", async () => {
    const before = app.requests.length;
    const statuses = await Promise.all(
      Array.from({ length: 100 }, () => send(requestBytes({ body: "a.b.c" }))),
    );
    expect(statuses.filter((status) => status !== 401 && status !== 503)).toEqual([]);
    expect(app.requests).toHaveLength(before);
    await deliverGenuine();
  });

  test("all of it stands in the records with its code, and none in the deliveries", async () => {
    const genuine = app.requests.length;
    tunnel.child.kill("SIGINT");
    const result = await tunnel.ended;
    const codes = new Set(recordsOf(result, "refused").map(({ code }) => code));
    expect(rows.filter(({ code }) => !codes.has(code))).toEqual([]);
    expect(recordsOf(result, "warning")).toEqual([]);
    const delivered = recordsOf(result, "delivery").filter(({ state }) => state === "delivered");
    expect(delivered).toHaveLength(genuine);
  });
});

/** Who gets the inspector's page and its live feed, and who does not: over a socket, as an attacker would ask. */
import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { InspectorHandler } from "../../src/issuer/inspector-gate.ts";
import { startIssuer, type Issuer } from "../../src/issuer/server.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { signingKeys } from "../helpers/keys.ts";
import { ask, errorCode, type Answered } from "./ask.ts";
import { controlToken, startTestIssuer } from "./test-issuer.ts";

interface Gate extends Issuer, AsyncDisposable {
  /** The inspector's own, in their order. */
  readonly reached: readonly string[];
  /** How often the inspector was loaded. */
  readonly loaded: () => number;
  /** What an upgrade is answered, to its end. */
  upgrade(path: string, headers: IncomingHttpHeaders): Promise<Answered>;
}

async function startGate(
  load: (handler: InspectorHandler) => Promise<InspectorHandler> = (handler) => Promise.resolve(handler),
): Promise<Gate> {
  const reached: string[] = [];
  let count = 0;
  const handler: InspectorHandler = {
    answer: ({ url }, response) => {
      reached.push(`page ${url}`);
      response.end("the page");
    },
    upgrade: ({ url }, socket) => {
      reached.push(`live ${url}`);
      socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    },
    close: () => {},
  };
  const issuer = await startIssuer({
    port: 0,
    jwks: signingKeys.jwks,
    control: { project: null, token: controlToken, keys: signingKeys, history: createMemoryHistory() },
    inspector: () => {
      count++;
      return load(handler);
    },
  });
  return {
    ...issuer,
    reached,
    loaded: () => count,
    upgrade: async (path, headers) => {
      const socket = connect(issuer.port, "127.0.0.1");
      const all = { host: `localhost:${issuer.port}`, ...live, ...headers };
      const lines = Object.entries(all).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}: ${String(value)}`],
      );
      socket.write([`GET ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
      const answer = await text(socket);
      const [, status] = /^HTTP\/1.1 (\d+)/.exec(answer) ?? [];
      const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
      return {
        status: Number(status),
        headers: {},
        body,
        json: body.startsWith("{") ? JSON.parse(body) : undefined,
      };
    },
    [Symbol.asyncDispose]: () => issuer.close(0),
  };
}

const live = {
  connection: "upgrade, close",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol": `kinde-devhook, ${controlToken}`,
};
const foreignOrigins = (port: number): readonly string[] => [
  "https://evil.example",
  "null",
  "http://localhost:3000",
  `http://127.0.0.1:${port}`,
  `https://localhost:${port}`,
  `http://localhost:${port}.evil.example`,
];

describe("the live feed", () => {
  test.each([
    ["no page, with the token", () => ({})],
    ["a page of the issuer itself", (port: number) => ({ origin: `http://localhost:${port}` })],
  ])("is had by %s", async (_, headersFor) => {
    await using gate = await startGate();
    const { status } = await gate.upgrade("/_devhook/live", headersFor(gate.port));
    expect([status, gate.reached]).toEqual([101, ["live /_devhook/live"]]);
  });

  test.each([
    ["no subprotocol", undefined],
    ["the name alone", "kinde-devhook"],
    ["the token alone", controlToken],
    ["another token", "kinde-devhook, another"],
    ["a longer token", `kinde-devhook, ${controlToken}x`],
    ["a shorter token", `kinde-devhook, ${controlToken.slice(0, -1)}`],
    ["many, the token among them", `kinde-devhook, a, ${controlToken}`],
    ["the token twice", `kinde-devhook, ${controlToken}, ${controlToken}`],
    ["another name", `mqtt, ${controlToken}`],
  ])("is refused with %s: 401", async (_, protocols) => {
    await using gate = await startGate();
    const answered = await gate.upgrade("/_devhook/live", { "sec-websocket-protocol": protocols });
    expect([answered.status, errorCode(answered), gate.loaded()]).toEqual([401, "ERR_CONTROL_TOKEN", 0]);
    expect(answered.body).not.toContain(controlToken);
  });

  test("is not had by a token in the URL, or as a bearer token, for browsers send neither to it", async () => {
    await using gate = await startGate();
    const elsewhere = { "sec-websocket-protocol": undefined };
    const inUrl = await gate.upgrade(`/_devhook/live?token=${controlToken}`, elsewhere);
    const authorization = `Bearer ${controlToken}`;
    const inHeader = await gate.upgrade("/_devhook/live", { ...elsewhere, authorization });
    expect([inUrl.status, inHeader.status, gate.reached]).toEqual([401, 401, []]);
  });

  test("is refused to pages of other origins, whatever token they have: 403", async () => {
    await using gate = await startGate();
    for (const origin of foreignOrigins(gate.port)) {
      const answered = await gate.upgrade("/_devhook/live", { origin });
      expect([origin, answered.status, errorCode(answered)]).toEqual([origin, 403, "ERR_FOREIGN_ORIGIN"]);
    }
    expect([gate.reached, gate.loaded()]).toEqual([[], 0]);
  });

  test("is refused to a page that has bound its own name to this machine: 403", async () => {
    await using gate = await startGate();
    for (const host of [
      "evil.example",
      `evil.example:${gate.port}`,
      "localhost.evil.example",
      "localhost@evil.example",
    ]) {
      const answered = await gate.upgrade("/_devhook/live", { host, origin: `http://${host}` });
      expect([host, answered.status, errorCode(answered)]).toEqual([host, 403, "ERR_FOREIGN_HOST"]);
    }
    expect(gate.reached).toEqual([]);
  });

  test("is behind one path: an upgrade to any other is answered as if it had not asked", async () => {
    await using gate = await startGate();
    const answers: unknown[] = [];
    for (const path of [
      "/_devhook/live/",
      "/_devhook/LIVE",
      "/_devhook/",
      "/_devhook/api/health",
      "/.well-known/jwks",
    ]) {
      answers.push([path, (await gate.upgrade(path, {})).status]);
    }
    expect(answers).toEqual([
      ["/_devhook/live/", 200],
      ["/_devhook/LIVE", 200],
      ["/_devhook/", 200],
      ["/_devhook/api/health", 200],
      ["/.well-known/jwks", 200],
    ]);
    expect(gate.reached.filter((each) => each.startsWith("live"))).toEqual([]);
  });

  test("a hundred who are refused at once cost nothing that lasts, and the next who may is let in", async () => {
    await using gate = await startGate();
    const refused = Array.from({ length: 100 }, () => gate.upgrade("/_devhook/live", { origin: "null" }));
    const statuses = (await Promise.all(refused)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([403]));
    expect((await gate.upgrade("/_devhook/live", {})).status).toBe(101);
  });

  test("a client that keeps its end open after a refusal does not keep the issuer from closing", async () => {
    const gate = await startGate();
    const socket = connect({ port: gate.port, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("error", () => {});
    socket.write(
      "GET /_devhook/live HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    );
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1.1 401 /);
    await gate.close(0);
    socket.destroy();
  });

  test("an inspector that can't be loaded is told of: 500", async () => {
    await using gate = await startGate(() => Promise.reject(new Error("the page is missing")));
    const [page, feed] = [await ask(gate.port, "/_devhook/"), await gate.upgrade("/_devhook/live", {})];
    expect([page.status, errorCode(page), feed.status, errorCode(feed)]).toEqual([
      500,
      "ERR_INTERNAL",
      500,
      "ERR_INTERNAL",
    ]);
  });
});

test("an inspector that could not be loaded is loaded at the next request, of whichever kind", async () => {
  for (const isPageFirst of [true, false]) {
    let isMissing = true;
    await using gate = await startGate((handler) =>
      isMissing ? Promise.reject(new Error("too many open files")) : Promise.resolve(handler),
    );
    const askForPage = async (): Promise<number | undefined> => (await ask(gate.port, "/_devhook/")).status;
    const askForFeed = async (): Promise<number | undefined> =>
      (await gate.upgrade("/_devhook/live", {})).status;
    const [first, second] = isPageFirst ? [askForPage, askForFeed] : [askForFeed, askForPage];
    expect(await first()).toBe(500);
    isMissing = false;
    expect(new Set([await second(), await first()])).toEqual(new Set([101, 200]));
    expect(gate.loaded()).toBe(2);
  }
});

describe("the page", () => {
  test("needs no token, for it holds nothing; it is loaded once, when it is asked for", async () => {
    await using gate = await startGate();
    await ask(gate.port, "/.well-known/jwks");
    await ask(gate.port, "/_devhook/api/health");
    expect(gate.loaded()).toBe(0);
    for (const path of [
      "/_devhook",
      "/_devhook/",
      "//_devhook/",
      "/_devhook/style.css",
      "/_devhook/apis",
      "/_devhook?x",
    ]) {
      expect([path, (await ask(gate.port, path)).status]).toEqual([path, 200]);
    }
    expect([gate.reached.length, gate.loaded()]).toEqual([6, 1]);
  });

  test("is refused to pages of other origins: 403", async () => {
    await using gate = await startGate();
    for (const origin of foreignOrigins(gate.port)) {
      const answered = await ask(gate.port, "/_devhook/", {
        headers: { host: `localhost:${gate.port}`, origin },
      });
      expect([origin, answered.status, errorCode(answered)]).toEqual([origin, 403, "ERR_FOREIGN_ORIGIN"]);
      expect(answered.headers).not.toHaveProperty("access-control-allow-origin");
    }
  });

  test("the control API stays its own, and so does what is not under /_devhook", async () => {
    await using gate = await startGate();
    for (const path of [
      "/_devhook/api",
      "/_devhook/api/nothing",
      "/_devhook/openapi.json",
      "/_devhooks",
      "/other",
    ]) {
      await ask(gate.port, path);
    }
    expect(gate.reached).toEqual([]);
  });
});

test("without an inspector there is nothing under /_devhook but the control API and its description", async () => {
  await using issuer = await startTestIssuer();
  const paths = [
    "/_devhook",
    "/_devhook/",
    "/_devhook/index.html",
    "/_devhook/live",
    "/_devhook/openapi.json",
  ];
  const statuses = await Promise.all(paths.map(async (path) => (await ask(issuer.port, path)).status));
  expect(statuses).toEqual([404, 404, 404, 404, 200]);
});

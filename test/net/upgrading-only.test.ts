import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { upgradingOnly } from "../../src/net/upgrading-only.ts";

interface TestServer extends AsyncDisposable {
  /** What the connection says until its end, to a request that is written as it stands. */
  say(request: string): Promise<string>;
  open(): Promise<Disposable & { write(text: string): void; next(): Promise<string> }>;
}

async function start(): Promise<TestServer> {
  const IncomingMessage = upgradingOnly(({ url }) => url === "/live");
  const server: Server = createServer({ IncomingMessage }, async (request, response) => {
    response.end(`answered ${request.method} ${request.url} ${await text(request)}`);
  });
  server.on("upgrade", (request, socket) => socket.end(`upgraded ${request.url}`));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    say: async (request) => {
      const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
      socket.write(request);
      return await text(socket);
    },
    open: async () => {
      const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
      await once(socket, "connect");
      return {
        write: (request) => void socket.write(request),
        next: async () => String(((await once(socket, "data")) as [Buffer])[0]),
        [Symbol.dispose]: () => void socket.destroy(),
      };
    },
    [Symbol.asyncDispose]: async () => {
      server.close().closeAllConnections();
      await once(server, "close");
    },
  };
}

const asking = (line: string, more = ""): string =>
  `${line} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n${more}`;

test("what is wanted leaves HTTP", async () => {
  await using server = await start();
  expect(await server.say(asking("GET /live", "\r\n"))).toBe("upgraded /live");
});

test.each([
  ["another path", asking("GET /other", "\r\n"), "answered GET /other "],
  [
    "one with a body, as Java sends it",
    asking("POST /other", "content-length: 4\r\n\r\nbody"),
    "answered POST /other body",
  ],
])("%s is answered as if it had not asked", async (_, request, answer) => {
  await using server = await start();
  expect(await server.say(request)).toMatch(new RegExp(`^HTTP/1.1 200 OK[^]*${answer}`));
});

test("after an upgrade that was not wanted the connection goes on with HTTP", async () => {
  await using server = await start();
  using socket = await server.open();
  for (const path of ["/first", "/second"]) {
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n`);
    expect(await socket.next()).toContain(`answered GET ${path}`);
  }
});

test("CONNECT is ended, as by any server that does not listen for it", async () => {
  await using server = await start();
  expect(await server.say("CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n")).toBe("");
});

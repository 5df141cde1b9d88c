import { EventEmitter, once } from "node:events";
import {
  request as requestHttp,
  type IncomingMessage,
  type RequestOptions,
  type ServerOptions,
} from "node:http";
import { request as requestHttps } from "node:https";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { describe, expect, test } from "vitest";
import { HttpAndHttpsServer } from "../../src/net/http-and-https-server.ts";
import { listenOnLoopback } from "../../src/net/listen.ts";
import type { LocalCertificates } from "../../src/net/local-certificates.ts";
import { hasIpv6Loopback } from "./has-ipv6.ts";
import { makeCertificates } from "./test-certificates.ts";
import { untilClosed } from "./until-closed.ts";

const certificates = await makeCertificates();
const { ca } = certificates;
const hosts = ["localhost", "127.0.0.1", ...(hasIpv6Loopback ? ["::1"] : [])];
// Those of RFC 8446, section 5.1: a handshake record of 512 bytes, of which nothing more comes.
const halfHandshake = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]);
const patience = { timeout: 20_000 };

describe.each(hosts)("at %s", (host) => {
  test("http and https are answered on one port", async () => {
    await using server = await start();
    expect(await ask(server.port, { host })).toBe("GET / over http");
    expect(await ask(server.port, { host, ca })).toBe("GET / over https");
  });

  test("a client without the CA is refused by itself", async () => {
    await using server = await start();
    await expect(ask(server.port, { host, ca: [] })).rejects.toMatchObject({
      code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    });
    expect(await ask(server.port, { host, ca })).toBe("GET / over https");
  });
});

test("the certificates are not asked for until TLS is spoken", async () => {
  let asked = 0;
  await using server = await start({ certificates: () => Promise.resolve((asked++, certificates)) });
  await ask(server.port);
  expect(asked).toBe(0);
  await ask(server.port, { ca });
  expect(asked).toBe(1);
});

test("a request arrives whole in whatever pieces it is sent, the first of one byte", async () => {
  await using server = await start();
  const socket = connect(server.port, "127.0.0.1");
  socket.setNoDelay(true);
  const answer = text(socket);
  for (const piece of [
    "P",
    "OST /x HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n",
    "content-length: 3\r\n\r\na",
    "bc",
  ]) {
    await new Promise((resolve) => socket.write(piece, resolve));
  }
  expect(await answer).toContain("\r\n\r\nPOST /x over http: abc");
});

test("a handshake that comes byte by byte is one all the same", async () => {
  await using server = await start();
  await using relay = await start({ certificates: () => Promise.reject(new Error("not asked for")) });
  relay.listeners.forEach((listener) => listener.removeAllListeners("connection"));
  relay.listeners.forEach((listener) =>
    listener.on("connection", (from: Socket) => {
      const to = connect({ port: server.port, host: "127.0.0.1", noDelay: true });
      to.pipe(from);
      from.on("data", (bytes: Buffer) => bytes.forEach((byte) => to.write(Buffer.of(byte))));
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        one.on("error", () => {}).on("close", () => other.destroy());
      }
    }),
  );
  expect(await ask(relay.port, { ca })).toBe("GET / over https");
});

test.each(["http", "https"] as const)("a connection of %s serves many requests", async (scheme) => {
  await using server = await start();
  const socket = await open(server.port, scheme);
  for (const path of ["/1", "/2", "/3"]) {
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    expect(await readUntil(socket, " over ")).toContain(`GET ${path} over ${scheme}`);
  }
  socket.destroy();
});

test("new certificates are those of the next connection", async () => {
  let current = certificates;
  await using server = await start({ certificates: () => Promise.resolve(current) });
  expect(await ask(server.port, { ca })).toBe("GET / over https");
  current = await makeCertificates();
  expect(await ask(server.port, { ca: current.ca })).toBe("GET / over https");
  await expect(ask(server.port, { ca })).rejects.toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
});

test("while there are no certificates TLS is cut off, http is not, and the next connection asks again", async () => {
  let isThere = false;
  await using server = await start({
    certificates: () => (isThere ? Promise.resolve(certificates) : Promise.reject(new Error("no room"))),
  });
  await expect(ask(server.port, { ca })).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(await ask(server.port)).toBe("GET / over http");
  isThere = true;
  expect(await ask(server.port, { ca })).toBe("GET / over https");
});

describe("nothing is harmed by a client that", () => {
  test.each([
    ["begins like TLS, and goes on with garbage", Buffer.from("\x16garbage, garbage", "latin1")],
    ["says one byte of TLS, and hangs up", Buffer.of(0x16)],
    ["sends half a handshake, and hangs up", halfHandshake],
    ["sends neither TLS nor HTTP", Buffer.from("\x00\x01\x02\r\n\r\n", "latin1")],
    ["says nothing, and hangs up", Buffer.alloc(0)],
  ])("%s", async (_, bytes) => {
    await using server = await start();
    const socket = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
    socket.end(bytes);
    await untilClosed(socket);
    expect(await server.connections()).toBe(0);
    expect(await ask(server.port, { ca })).toBe("GET / over https");
  });

  test("resets its connection before it has said anything", async () => {
    await using server = await start();
    const socket = await open(server.port, "silent");
    await expect.poll(server.connections, patience).toBe(1);
    socket.resetAndDestroy();
    await expect.poll(server.connections, patience).toBe(0);
    expect(await ask(server.port)).toBe("GET / over http");
  });

  test("speaks HTTP/2 alone: TLS tells it so", async () => {
    await using server = await start();
    const socket = connectTls({ port: server.port, host: "localhost", ca, ALPNProtocols: ["h2"] });
    const [error] = (await once(socket, "error")) as [Error];
    expect(error).toMatchObject({ code: "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL" });
  });
});

describe("close", () => {
  test("ends every connection, whatever it has said so far", async () => {
    const server = await start();
    const sockets = [
      await open(server.port, "silent"),
      await open(server.port, "silent", halfHandshake),
      await open(server.port, "silent", Buffer.from("GET / HT")),
      await open(server.port, "http"),
      await open(server.port, "https"),
    ];
    const closed = Promise.all(sockets.map(untilClosed));
    await expect.poll(server.connections, patience).toBe(sockets.length);
    await server[Symbol.asyncDispose]();
    await closed;
    expect(await server.connections()).toBe(0);
  });

  test("ends a connection that waits for the certificates", async () => {
    const waiting = new EventEmitter();
    const asked = once(waiting, "asked");
    const server = await start({
      certificates: async () => {
        waiting.emit("asked");
        await once(waiting, "made");
        return certificates;
      },
    });
    const failure = ask(server.port, { ca }).catch((error: unknown) => error);
    await asked;
    await server[Symbol.asyncDispose]();
    waiting.emit("made");
    expect(await failure).toMatchObject({ code: "ECONNRESET" });
  });
});

describe("no connection lasts for ever", () => {
  const options = { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 10 };

  test.each([
    ["says nothing", "silent", Buffer.alloc(0)],
    ["sends half a handshake", "silent", halfHandshake],
    ["sends half a request over http", "silent", Buffer.from("GET / HTTP/1.1\r\nhost:")],
  ] as const)("when the client %s", async (_, kind, bytes) => {
    await using server = await start({ options });
    const socket = await open(server.port, kind, bytes);
    await untilClosed(socket);
    expect(await server.connections()).toBe(0);
  });

  test("when the client has agreed on TLS and sends half a request", async () => {
    // Long enough to agree on TLS on a busy machine.
    const headersTimeout = 2_000;
    await using server = await start({ options: { ...options, headersTimeout, requestTimeout: 2_500 } });
    const socket = connectTls({ port: server.port, host: "localhost", ca });
    await once(socket, "secureConnect");
    socket.write("GET / HTTP/1.1\r\nhost:");
    await readUntil(socket, "HTTP/1.1 408");
    await untilClosed(socket);
    expect(await server.connections()).toBe(0);
  });
});

interface Started extends AsyncDisposable {
  readonly port: number;
  readonly listeners: readonly HttpAndHttpsServer[];
  /** How many are open. */
  connections(): Promise<number>;
}

async function start({
  options,
  certificates: source = () => Promise.resolve(certificates),
}: {
  readonly options?: ServerOptions;
  readonly certificates?: () => Promise<LocalCertificates>;
} = {}): Promise<Started> {
  const listeners: HttpAndHttpsServer[] = [];
  const { port, close } = await listenOnLoopback(0, () => {
    const server = new HttpAndHttpsServer(
      source,
      async (request, response) => {
        const body = await text(request);
        const scheme = "encrypted" in request.socket ? "https" : "http";
        response.end(`${request.method} ${request.url} over ${scheme}${body === "" ? "" : `: ${body}`}`);
      },
      options,
    );
    listeners.push(server);
    return server;
  });
  const count = async (server: HttpAndHttpsServer): Promise<number> =>
    await new Promise((resolve, reject) =>
      server.getConnections((error, number) => (error === null ? resolve(number) : reject(error))),
    );
  return {
    port,
    listeners,
    connections: async () =>
      (await Promise.all(listeners.map(count))).reduce((sum, number) => sum + number, 0),
    [Symbol.asyncDispose]: close,
  };
}

/** One request on a connection of its own; over https when there is a CA to trust. */
async function ask(
  port: number,
  { host = "localhost", ca: trusted }: { readonly host?: string; readonly ca?: string | string[] } = {},
): Promise<string> {
  const order: RequestOptions = { host, port, agent: false };
  const outgoing =
    trusted === undefined ? requestHttp(order) : requestHttps({ ...order, agent: false, ca: trusted });
  outgoing.end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return await text(response);
}

/** A connection that the server has: one that has said no more than this, or one that has had an answer. */
async function open(port: number, kind: "silent" | "http" | "https", bytes?: Uint8Array): Promise<Socket> {
  const socket =
    kind === "https" ? connectTls({ port, host: "localhost", ca }) : connect({ port, host: "127.0.0.1" });
  await once(socket, kind === "https" ? "secureConnect" : "connect");
  if (bytes !== undefined) await new Promise((resolve) => socket.write(bytes, resolve));
  if (kind !== "silent") {
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await readUntil(socket, "GET /");
  }
  return socket;
}

async function readUntil(socket: Socket, wanted: string): Promise<string> {
  let read = "";
  while (!read.includes(wanted)) {
    const [bytes] = (await once(socket, "data")) as [Buffer];
    read += bytes.toString("latin1");
  }
  return read;
}

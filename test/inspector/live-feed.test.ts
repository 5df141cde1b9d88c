import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { summarize } from "../../src/inspector/summarize.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";
import { mockStatus } from "../helpers/mock-status.mjs";
import { ask } from "../issuer/ask.ts";
import { controlToken } from "../issuer/test-issuer.ts";
import { createPageDirectory } from "./page-directory.ts";
import { serveInspector, type ServedInspector, type TestPage } from "./serve-inspector.ts";

const directory = createPageDirectory();
afterAll(() => directory[Symbol.dispose]());
const serve = async (options: Partial<Parameters<typeof serveInspector>[0]> = {}): Promise<ServedInspector> =>
  await serveInspector({ directory: directory.path, ...options });
const numbered = (count: number): Delivery[] =>
  Array.from({ length: count }, (_, index) => sampleDelivery({ id: `dlv_${index}` }));

describe("a page that opens", () => {
  test("hears how the process is, then of the deliveries there are, then of what changes", async () => {
    await using inspector = await serve();
    inspector.deliveries.push(...numbered(2));
    using page = inspector.open();
    expect(await page.next()).toEqual({ kind: "hello", status: mockStatus });
    const deliveries = inspector.deliveries.map(summarize);
    expect(await page.next()).toEqual({ kind: "deliveries", deliveries, isLast: true });
    tell(inspector, sampleDelivery({ id: "dlv_new" }));
    expect(await page.next()).toMatchObject({ kind: "delivery", delivery: { id: "dlv_new" } });
    for (const listener of inspector.listeners) listener.onStatus();
    expect(await page.next()).toEqual({ kind: "status", status: mockStatus });
    for (const listener of inspector.listeners) listener.onCleared();
    expect(await page.next()).toEqual({ kind: "cleared" });
  });

  test("is given the subprotocol, and never the token back", async () => {
    await using inspector = await serve();
    using page = inspector.open();
    await page.next();
    expect(page.socket.protocol).toBe("kinde-devhook");
  });

  test.each([
    [0, 0],
    [99, 99],
    [100, 100],
    [250, 250],
    [10_050, 10_000],
  ])("of %i deliveries hears of %i, in their order and in parts", async (count, expected) => {
    await using inspector = await serve();
    inspector.deliveries.push(...numbered(count));
    using page = inspector.open();
    await page.next();
    const told = await readAll(page);
    expect(told.ids).toEqual(numbered(expected).map(({ id }) => id));
    expect(Math.max(...told.sizes)).toBeLessThanOrEqual(100);
  });

  test("hears at the end of what has changed meanwhile, each in its latest state", async () => {
    let goOn = (): void => {};
    const isAsked = new Promise<void>((resolve) => (goOn = resolve));
    await using inspector = await serve({
      recent: async function* () {
        yield sampleDelivery({ id: "dlv_1" });
        await isAsked;
      },
    });
    using page = inspector.open();
    expect((await page.next()).kind).toBe("hello");
    tell(inspector, sampleDelivery({ id: "dlv_2" }));
    tell(inspector, sampleDelivery({ id: "dlv_2", state: "delivered", attempts: [sampleAttempt()] }));
    goOn();
    expect((await readAll(page)).ids).toEqual(["dlv_1"]);
    expect(await page.next()).toMatchObject({
      kind: "delivery",
      delivery: { id: "dlv_2", state: "delivered" },
    });
    tell(inspector, sampleDelivery({ id: "dlv_3" }));
    expect(await page.next()).toMatchObject({ delivery: { id: "dlv_3" } });
  });

  test("hears of no delivery any more that was cleared while it was told of them", async () => {
    let goOn = (): void => {};
    const isAsked = new Promise<void>((resolve) => (goOn = resolve));
    await using inspector = await serve({
      recent: async function* () {
        yield sampleDelivery({ id: "dlv_1" });
        await isAsked;
        yield sampleDelivery({ id: "dlv_0" });
      },
    });
    using page = inspector.open();
    await page.next();
    for (const listener of inspector.listeners) listener.onCleared();
    goOn();
    expect(await page.next()).toEqual({ kind: "cleared" });
    expect(await page.next()).toEqual({ kind: "deliveries", deliveries: [], isLast: true });
  });

  test("is let go when the history can't be read: it comes again, and is not left with half of it", async () => {
    await using inspector = await serve({
      recent: async function* () {
        yield sampleDelivery();
        throw new Error("the disk is gone");
      },
    });
    using page = inspector.open();
    expect(await page.closed).toBe(1006);
    expect(inspector.listeners.size).toBe(0);
  });

  test("is let go as well when what changes can't be told, and told of it when it comes again", async () => {
    let isReadable = false;
    await using inspector = await serve({
      watch: () => {
        if (isReadable) return () => {};
        throw new Error("too many open files");
      },
    });
    using page = inspector.open();
    const errors: Error[] = [];
    page.socket.on("error", (error) => errors.push(error));
    expect(await page.closed).toBe(1006);
    expect(errors).toEqual([]);
    isReadable = true;
    using again = inspector.open();
    expect((await again.next()).kind).toBe("hello");
  });
});

test("over TLS it is the same", async () => {
  await using inspector = await serve();
  const ca = await inspector.caCertificate();
  const url = `localhost:${inspector.port}/_devhook/live`;
  using page = inspector.open(`wss://${url}`, { ca, origin: `https://localhost:${inspector.port}` });
  expect(await page.next()).toEqual({ kind: "hello", status: mockStatus });
});

test("while others are answered a page is told of ten thousand deliveries", async () => {
  await using inspector = await serve();
  inspector.deliveries.push(...numbered(10_000));
  using page = inspector.open();
  await page.next();
  const answers: string[] = [];
  const reading = readAll(page).then(() => answers.push("all told"));
  // By address: looking up a name may take longer than all of it.
  const asking = ask(inspector.port, "/.well-known/jwks").then(() => answers.push("answered"));
  await Promise.all([reading, asking]);
  expect(answers).toEqual(["answered", "all told"]);
});

describe("a page that goes", () => {
  test("is told nothing more", async () => {
    await using inspector = await serve();
    using page = inspector.open();
    await page.next();
    const [listener] = inspector.listeners;
    page.socket.close();
    await page.closed;
    await gone(inspector);
    listener?.onDelivery(sampleDelivery());
    listener?.onStatus();
    listener?.onCleared();
    using other = inspector.open();
    expect((await other.next()).kind).toBe("hello");
  });

  test("without a goodbye is noticed, for it answers no heartbeat", async () => {
    await using inspector = await serve({ heartbeatMs: 20 });
    using page = inspector.open(undefined, { autoPong: false });
    await page.next();
    expect(await page.closed).toBe(1006);
  });

  test("and answers each heartbeat, is not let go", async () => {
    // Long enough for an answer on a machine that is busy.
    await using inspector = await serve({ heartbeatMs: 1_000 });
    using page = inspector.open();
    for (let beats = 0; beats < 3; beats++) await once(page.socket, "ping");
    tell(inspector, sampleDelivery({ id: "dlv_new" }));
    let message = await page.next();
    while (message.kind !== "delivery") message = await page.next();
    expect(message.delivery.id).toBe("dlv_new");
  });
});

test("a page that does not read is cut off, and fills no memory", async () => {
  await using inspector = await serve();
  const socket = await openDeaf(inspector.port);
  const closed = once(socket, "close");
  await watched(inspector);
  const long = "x".repeat(10_000);
  let told = 0;
  // Beyond what the sockets' own buffers take, there are 8 MiB.
  for (; inspector.listeners.size > 0 && told < 10_000; told++) {
    tell(inspector, sampleDelivery({ id: `dlv_${told}`, endpoint: `http://localhost/${long}` }));
    await new Promise(setImmediate);
  }
  expect(told).toBeLessThan(10_000);
  socket.resume();
  await closed;
});

describe("what a page may not do", () => {
  test("say anything: it is closed, as against the policy", async () => {
    await using inspector = await serve();
    using page = inspector.open();
    await page.next();
    page.socket.send("hello");
    expect(await page.closed).toBe(1008);
  });

  test("say much: it is closed before it was read", async () => {
    await using inspector = await serve();
    using page = inspector.open();
    await page.next();
    page.socket.send("x".repeat(1 << 20));
    expect(await page.closed).toBe(1009);
  });

  test("be one of too many: the 33rd is told to try later, and gets in when another has gone", async () => {
    await using inspector = await serve();
    const pages = Array.from({ length: 32 }, () => inspector.open());
    await Promise.all(pages.map((page) => page.next()));
    using one = inspector.open();
    expect(await one.closed).toBe(1013);
    pages[0]!.socket.close();
    await pages[0]!.closed;
    using again = inspector.open();
    expect((await again.next()).kind).toBe("hello");
    for (const page of pages) page[Symbol.dispose]();
  });

  test.each([
    ["another version of the protocol", { "sec-websocket-version": "7" }],
    ["a key that is none", { "sec-websocket-key": "short" }],
  ])("ask with %s: 400 or 426", async (_, headers) => {
    await using inspector = await serve();
    const socket = connect(inspector.port, "127.0.0.1");
    socket.write(handshake(inspector.port, headers));
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 4(00|26) /);
  });
});

test("pages hear that the process ends, and do not keep it from ending", async () => {
  const inspector = await serve();
  using page = inspector.open();
  const deaf = await openDeaf(inspector.port);
  await page.next();
  await inspector.close(0);
  expect(await page.closed).toBe(1001);
  deaf.destroy();
});

test("a token that is not the one of this process is refused before anything is told", async () => {
  await using inspector = await serve();
  const socket = new WebSocket(`ws://localhost:${inspector.port}/_devhook/live`, [
    "kinde-devhook",
    "another",
  ]);
  const [error] = (await once(socket, "error").catch((reason: unknown) => [reason])) as [Error];
  expect(error.message).toContain("401");
  expect(inspector.listeners.size).toBe(0);
});

function tell(inspector: ServedInspector, delivery: Delivery): void {
  for (const listener of inspector.listeners) listener.onDelivery(delivery);
}

async function readAll(page: TestPage): Promise<{ readonly ids: string[]; readonly sizes: number[] }> {
  const [ids, sizes]: [string[], number[]] = [[], []];
  while (true) {
    const message = await page.next();
    if (message.kind !== "deliveries") throw new Error(`got ${message.kind}`);
    ids.push(...message.deliveries.map(({ id }) => id));
    sizes.push(message.deliveries.length);
    if (message.isLast) return { ids, sizes };
  }
}

async function watched({ listeners }: ServedInspector): Promise<void> {
  while (listeners.size === 0) await new Promise(setImmediate);
}

async function gone({ listeners }: ServedInspector): Promise<void> {
  while (listeners.size > 0) await new Promise(setImmediate);
}

function handshake(port: number, headers: Record<string, string> = {}): string {
  const all = {
    host: `localhost:${port}`,
    connection: "upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-protocol": `kinde-devhook, ${controlToken}`,
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return ["GET /_devhook/live HTTP/1.1", ...lines, "", ""].join("\r\n");
}

/** A client that asks, and reads nothing of what comes. */
async function openDeaf(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.pause();
  socket.write(handshake(port));
  return socket;
}

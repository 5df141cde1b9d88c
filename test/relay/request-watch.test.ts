import { EventEmitter } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchRequests, type RequestWatch } from "../../src/relay/request-watch.ts";

const limitMs = 30_000;

/** A connection of which nothing counts but its bytes. */
class Connection extends EventEmitter {
  bytesRead = 0;
  readonly request: IncomingMessage = { socket: this } as unknown as IncomingMessage;
  receive(bytes: number): this {
    this.bytesRead += bytes;
    return this;
  }
}

const timedOut: unknown[] = [];
let watch: RequestWatch;
let server: EventEmitter;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 2) });
  timedOut.length = 0;
  server = new EventEmitter();
  watch = watchRequests(
    limitMs,
    () => Date.now(),
    (socket) => {
      timedOut.push(socket);
      (socket as Socket & EventEmitter).emit("close");
    },
  );
  watch.add(server as unknown as Server);
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

function connect(): Connection {
  const connection = new Connection();
  server.emit("connection", connection);
  return connection;
}

/** A request that comes whole, and is answered. */
function exchange({ request }: Connection): void {
  watch.begun(request);
  watch.ended(request);
  watch.answered(request);
}

test("leaves a connection alone on which nothing has come", () => {
  connect();
  vi.advanceTimersByTime(24 * 60 * 60 * 1000);
  expect(timedOut).toEqual([]);
});

test("leaves a connection alone between two requests", () => {
  const connection = connect().receive(500);
  exchange(connection);
  vi.advanceTimersByTime(24 * 60 * 60 * 1000);
  expect(timedOut).toEqual([]);
});

test.each([
  ["the first byte", (connection: Connection) => void connection.receive(1)],
  ["a head without its body", (connection: Connection) => watch.begun(connection.receive(200).request)],
  [
    "the first byte of a second request",
    (connection: Connection) => {
      exchange(connection.receive(500));
      connection.receive(1);
    },
  ],
  [
    "a second head that came together with the first request",
    ({ request }: Connection) => {
      watch.begun(request);
      watch.ended(request);
      watch.begun(request);
      watch.answered(request);
    },
  ],
])("ends a connection 30 s after %s, once", (_, send) => {
  const connection = connect();
  send(connection);
  vi.advanceTimersByTime(limitMs - 1);
  expect(timedOut).toEqual([]);
  vi.advanceTimersByTime(2_000);
  expect(timedOut).toEqual([connection]);
  vi.advanceTimersByTime(10 * limitMs);
  expect(timedOut).toHaveLength(1);
});

test("ends a connection whose bytes come one by one", () => {
  const connection = connect();
  for (let second = 0; second < 32; second++) {
    connection.receive(1);
    vi.advanceTimersByTime(1_000);
  }
  expect(timedOut).toEqual([connection]);
});

test("leaves a connection alone whose request is read and not answered yet, however long", () => {
  const connection = connect().receive(500);
  watch.begun(connection.request);
  watch.ended(connection.request);
  vi.advanceTimersByTime(10 * limitMs);
  expect(timedOut).toEqual([]);
  // From then on the next one has the whole time.
  connection.receive(1);
  watch.answered(connection.request);
  vi.advanceTimersByTime(limitMs - 1);
  expect(timedOut).toEqual([]);
});

test("gives every request its own time, on a connection that is never idle when it is looked at", () => {
  const connection = connect();
  for (let second = 0; second < 120; second++) {
    watch.begun(connection.receive(100).request);
    vi.advanceTimersByTime(1_000);
    connection.receive(100);
    watch.ended(connection.request);
    watch.answered(connection.request);
  }
  expect(timedOut).toEqual([]);
});

test("forgets a connection that has closed", () => {
  const connection = connect().receive(1);
  vi.advanceTimersByTime(2_000);
  connection.emit("close");
  vi.advanceTimersByTime(10 * limitMs);
  expect(timedOut).toEqual([]);
});

test("looks no more once it is closed", () => {
  connect().receive(1);
  watch.close();
  vi.advanceTimersByTime(10 * limitMs);
  expect(timedOut).toEqual([]);
});

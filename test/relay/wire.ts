/** A bare connection to a server: bytes go out as they are written, answers are read by their own framing. */
import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";

export interface WireAnswer {
  readonly status: number;
  readonly statusMessage: string;
  /** Names and values as they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export interface Wire extends Disposable {
  /** Text is one byte a character. Resolves when the bytes are handed over; the server may have gone. */
  write(bytes: string | Buffer): Promise<void>;
  /** The next answer; `undefined` when the connection ends without. */
  answer(): Promise<WireAnswer | undefined>;
  /** Resolves when the server has ended the connection, with the answers that nobody asked for. */
  readonly ended: Promise<readonly WireAnswer[]>;
  readonly isOpen: () => boolean;
  /** The port at this end. */
  readonly port: number;
}

export interface WireOptions {
  readonly host?: string;
  /** Without, what is answered stays in the buffers. */
  readonly isReading?: boolean;
}

export async function openWire(
  port: number,
  { host = "127.0.0.1", isReading = true }: WireOptions = {},
): Promise<Wire> {
  const socket = connect({ port, host, allowHalfOpen: false, noDelay: true });
  socket.on("error", () => {});
  let unread: Buffer = Buffer.alloc(0);
  let isEnded = false;
  const answers: WireAnswer[] = [];
  const waiting: ((answer: WireAnswer | undefined) => void)[] = [];
  if (!isReading) socket.pause();
  socket.on("data", (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    for (let parsed = parseAnswer(unread); parsed !== undefined; parsed = parseAnswer(unread)) {
      unread = unread.subarray(parsed.length);
      const waiter = waiting.shift();
      if (waiter === undefined) answers.push(parsed.answer);
      else waiter(parsed.answer);
    }
  });
  const ended = new Promise<readonly WireAnswer[]>((resolve) => {
    socket.once("close", () => {
      isEnded = true;
      for (const waiter of waiting.splice(0)) waiter(undefined);
      resolve(answers);
    });
  });
  await once(socket, "connect");
  const { localPort = 0 } = socket;
  return {
    port: localPort,
    ended,
    isOpen: () => !isEnded,
    write: async (bytes) => {
      // The error, if there is one, shows as the end of the connection.
      await new Promise<void>((resolve) => {
        socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes, () => resolve());
      });
      // A connection that is ended takes bytes at once: its end must have a chance to be seen.
      await turn();
    },
    answer: async () => {
      const known = answers.shift();
      if (known !== undefined || isEnded) return known;
      return await new Promise((resolve) => waiting.push(resolve));
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** The value of a header, by its name in any case; of several the first. */
export function headerOf({ headers }: Pick<WireAnswer, "headers">, name: string): string | undefined {
  return headers.find(([other]) => other.toLowerCase() === name)?.[1];
}

/** The first answer in these bytes, if it is there whole, and how many bytes it takes. */
function parseAnswer(bytes: Buffer): { answer: WireAnswer; length: number } | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const [statusLine = "", ...lines] = bytes.subarray(0, headEnd).toString("latin1").split("\r\n");
  const [, code, statusMessage = ""] = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(statusLine) ?? [];
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const status = Number(code);
  const start = headEnd + 4;
  const head = { status, statusMessage, headers };
  const hasNoBody = status < 200 || status === 204 || status === 304;
  if (hasNoBody) return { answer: { ...head, body: Buffer.alloc(0) }, length: start };
  if (headerOf(head, "transfer-encoding") === "chunked") {
    const chunks = readChunks(bytes.subarray(start));
    return chunks && { answer: { ...head, body: chunks.body }, length: start + chunks.length };
  }
  const length = Number(headerOf(head, "content-length") ?? 0);
  if (bytes.length < start + length) return undefined;
  return { answer: { ...head, body: bytes.subarray(start, start + length) }, length: start + length };
}

function readChunks(bytes: Buffer): { body: Buffer; length: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString("latin1"), 16);
    const end = lineEnd + 2 + size;
    if (bytes.length < end + 2) return undefined;
    if (size === 0) return { body: Buffer.concat(chunks), length: end + 2 };
    chunks.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}

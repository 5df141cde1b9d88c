/** Asking the process of this project that serves the local issuer, through its control API. */
import { once } from "node:events";
import { request as requestHttp, type IncomingMessage } from "node:http";
import type { Delivery } from "../delivery/delivery.ts";
import { DevhookError } from "../kinde/errors.ts";
import { isJsonObject, type JsonObject } from "../kinde/json.ts";
import type { EmitRequest } from "../mock/mock.ts";
import { addressOptions } from "../net/loopback.ts";
import { RequestError } from "../net/request-error.ts";
import { request } from "../net/request.ts";
import type { RunRecord } from "../project/run-file.ts";

/** The mock that was to deliver has gone, or answered something else than deliveries. */
export class MockUnreachableError extends DevhookError {
  override readonly code = "ERR_MOCK_UNREACHABLE";
  override readonly exitCode = 3;
  constructor(
    { port, pid }: { readonly port: number; readonly pid?: number },
    cause: string,
    advice = "Start it again, or deliver without it: --to http://localhost:3000/api/webhook.",
  ) {
    super(
      `Failed to emit through the running mock (port ${port}${pid === undefined ? "" : `, pid ${pid}`}): ${cause}. ${advice}`,
    );
  }
}

/** What the mock said no to. */
export class MockRefusedError extends DevhookError {
  override readonly code: `ERR_${string}`;
  override readonly exitCode: 2 | 3;
  constructor(code: `ERR_${string}`, message: string) {
    super(message);
    this.code = code;
    this.exitCode = code === "ERR_MOCK_CLOSING" ? 3 : 2;
  }
}

const handOverTimeoutMs = 1_000;
const listTimeoutMs = 5_000;

/** A hold on an issuer that another process serves. */
export interface FollowedIssuer {
  /** Resolves when that process is about to stop serving, or has gone. */
  readonly ending: Promise<void>;
  /** Resolves when it has stopped serving, however it ended, or when we hung up. */
  readonly gone: Promise<void>;
  /** Tells it that nothing here relies on it any more. */
  hangUp(): void;
}

/**
 * Follows the issuer of a running process of this project.
 * @returns `undefined` when that process is no longer, or not yet, there to be followed
 */
export async function followIssuer(run: RunRecord): Promise<FollowedIssuer | undefined> {
  const waiting = requestHttp({
    host: "localhost",
    ...addressOptions("localhost"),
    port: run.port,
    path: "/_devhook/api/until-closing",
    headers: { authorization: `Bearer ${run.token}` },
    agent: false,
  });
  waiting.end();
  try {
    const [response] = (await once(waiting, "response")) as [IncomingMessage];
    if (response.statusCode !== 200) {
      response.destroy();
      return undefined;
    }
    response.on("error", () => {});
    const gone = new Promise<void>((resolve) => response.once("close", () => resolve()));
    const told = new Promise<void>((resolve) => response.once("data", () => resolve()));
    return { ending: Promise.race([told, gone]), gone, hangUp: () => waiting.destroy() };
  } catch {
    return undefined;
  } finally {
    waiting.on("error", () => {});
  }
}

/** Asks a process that only lends the issuer, as `emit` does, to let this one serve it. */
export async function askToHandOver(run: RunRecord): Promise<void> {
  try {
    await request(new URL(`http://localhost:${run.port}/_devhook/api/hand-over`), {
      method: "POST",
      headers: { authorization: `Bearer ${run.token}` },
      timeoutMs: handOverTimeoutMs,
      maxBodyBytes: 0,
    });
  } catch (error) {
    // It has just ended, or is about to: the port will tell.
    if (!(error instanceof RequestError)) throw error;
  }
}

/** Has the mock emit an event. @returns its deliveries after their first attempt */
export async function emitThroughMock(
  run: RunRecord,
  emitRequest: EmitRequest,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<readonly Delivery[]> {
  const body = Buffer.from(JSON.stringify(emitRequest));
  const answer = await ask(run, { method: "POST", path: "emit", body, timeoutMs, signal });
  if (Array.isArray(answer["deliveries"])) return answer["deliveries"] as unknown as Delivery[];
  throw refusalOf(answer) ?? unreadable(run);
}

/**
 * What comes of a delivery of the mock's in the end. It may take as long as the schedule of retries does.
 * @returns the delivery as it was when the signal comes first, or the mock stops and keeps it pending
 */
export async function awaitEnd(
  run: RunRecord,
  delivery: Delivery,
  signal: AbortSignal | undefined,
): Promise<Delivery> {
  const path = `deliveries/${delivery.id}?until=ended`;
  try {
    const answer = await ask(run, { method: "GET", path, timeoutMs: longestTimeoutMs, signal });
    if (isJsonObject(answer["delivery"])) return answer["delivery"] as unknown as Delivery;
    throw refusalOf(answer) ?? unreadable(run);
  } catch (error) {
    if (signal?.aborted) return delivery;
    if (!(error instanceof MockUnreachableError)) throw error;
    // It has the event: to emit it elsewhere would deliver it twice.
    throw new MockUnreachableError(
      run,
      "it has ended",
      "What it had left to deliver, the next mock goes on with.",
    );
  }
}

/** The endpoints of the mock's webhooks as they are now. */
export async function listEndpoints(run: RunRecord): Promise<readonly string[]> {
  const question = { method: "GET", path: "webhooks", timeoutMs: listTimeoutMs, signal: undefined } as const;
  const answer = await ask(run, question);
  if (!Array.isArray(answer["webhooks"])) throw refusalOf(answer) ?? unreadable(run);
  return (answer["webhooks"] as unknown as readonly { readonly endpoint: string }[]).map(
    ({ endpoint }) => endpoint,
  );
}

function unreadable(run: RunRecord): MockUnreachableError {
  return new MockUnreachableError(run, "its answer could not be read");
}

// What a timer of Node's can wait for.
const longestTimeoutMs = 2 ** 31 - 1;

function refusalOf(answer: JsonObject): MockRefusedError | undefined {
  const [error] = Array.isArray(answer["errors"]) ? answer["errors"] : [];
  if (!isJsonObject(error)) return undefined;
  const { code, message } = error as { code: `ERR_${string}`; message: string };
  return new MockRefusedError(code, message);
}

interface Question {
  readonly method: "GET" | "POST";
  /** Behind `/_devhook/api/`. */
  readonly path: string;
  /** JSON. */
  readonly body?: Buffer;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

async function ask(run: RunRecord, question: Question): Promise<JsonObject> {
  const { method, path, body, timeoutMs, signal } = question;
  try {
    const response = await request(new URL(`http://localhost:${run.port}/_devhook/api/${path}`), {
      method,
      headers: {
        authorization: `Bearer ${run.token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body }),
      timeoutMs,
      maxBodyBytes: 64 << 20,
      ...(signal !== undefined && { signal }),
    });
    const answer: unknown = JSON.parse(response.body.toString());
    if (isJsonObject(answer)) return answer;
  } catch (error) {
    if (error instanceof RequestError) throw new MockUnreachableError(run, error.message);
  }
  throw unreadable(run);
}

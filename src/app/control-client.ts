/** Asking the process of this project that serves the local issuer, through its control API. */
import { once } from "node:events";
import { request as requestHttp, type IncomingMessage } from "node:http";
import type { Delivery } from "../delivery/delivery.ts";
import { DevhookError } from "../kinde/errors.ts";
import { isJsonObject } from "../kinde/json.ts";
import type { EmitRequest } from "../mock/mock.ts";
import { lookupWithLoopback } from "../net/loopback.ts";
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
    lookup: lookupWithLoopback,
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
  return (await askForList(run, "deliveries", {
    path: "/_devhook/api/emit",
    body: emitRequest,
    timeoutMs,
    signal,
  })) as Delivery[];
}

/** The endpoints of the mock's webhooks as they are now. */
export async function listEndpoints(run: RunRecord): Promise<readonly string[]> {
  const order = { path: "/_devhook/api/webhooks", timeoutMs: listTimeoutMs };
  const webhooks = (await askForList(run, "webhooks", order)) as readonly { readonly endpoint: string }[];
  return webhooks.map(({ endpoint }) => endpoint);
}

interface ControlOrder {
  readonly path: string;
  /** With it, it is a POST. */
  readonly body?: unknown;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** @returns the member of the answer that was asked for, or throws what the mock said instead */
async function askForList(run: RunRecord, member: string, order: ControlOrder): Promise<readonly unknown[]> {
  const answer = await ask(run, order);
  if (isJsonObject(answer) && Array.isArray(answer[member])) return answer[member];
  const [error] = isJsonObject(answer) && Array.isArray(answer["errors"]) ? answer["errors"] : [];
  if (isJsonObject(error)) {
    const { code, message } = error as { code: `ERR_${string}`; message: string };
    throw new MockRefusedError(code, message);
  }
  throw new MockUnreachableError(run, "its answer could not be read");
}

async function ask(run: RunRecord, { path, body: given, timeoutMs, signal }: ControlOrder): Promise<unknown> {
  try {
    const { body } = await request(new URL(`http://localhost:${run.port}${path}`), {
      method: given === undefined ? "GET" : "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${run.token}` },
      ...(given !== undefined && { body: Buffer.from(JSON.stringify(given)) }),
      timeoutMs,
      maxBodyBytes: 64 << 20,
      ...(signal !== undefined && { signal }),
    });
    return JSON.parse(body.toString()) as unknown;
  } catch (error) {
    if (error instanceof RequestError) throw new MockUnreachableError(run, error.message);
    throw new MockUnreachableError(run, "its answer could not be read");
  }
}

/** A running mock as a client of its Management API meets it: over a socket, with tokens that it fetches there. */
import { randomBytes } from "node:crypto";
import type { RunningMock } from "../../../src/app/open-mock.ts";
import { startMockInMemory, type StartMockInMemoryOptions } from "../../../src/app/start-mock-in-memory.ts";
import { systemClock } from "../../../src/delivery/clock.ts";
import { signingKeys } from "../../helpers/keys.ts";
import { createScheduleClock } from "../../../src/delivery/schedule-clock.ts";
import { ask, type Answered } from "../ask.ts";

export interface Call {
  /** Sent as JSON; a text as it stands. */
  readonly body?: unknown;
  /** The token to send, `null` for none. Default: one with every scope. */
  readonly token?: string | null | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ManagementMock extends AsyncDisposable {
  readonly mock: RunningMock;
  /** A call of the Management API: `GET`, `/webhooks`. */
  call(method: string, path: string, call?: Call): Promise<Answered>;
}

/** A webhook that may be registered. */
export const order = {
  endpoint: "http://localhost:3000/api/webhook",
  event_types: ["user.created", "role.created"],
  name: "my app",
} as const;

export async function startManagementMock(
  options: Partial<StartMockInMemoryOptions> = {},
): Promise<ManagementMock> {
  const mock = await startMockInMemory({
    port: 0,
    signingKeys,
    clock: systemClock,
    time: createScheduleClock(systemClock),
    randomBytes,
    findToken: () => Promise.resolve(undefined),
    webhooks: [],
    timeoutMs: 20_000,
    ...options,
  });
  return {
    mock,
    call: (method, path, asked) => callManagement(mock.port, method, path, asked),
    [Symbol.asyncDispose]: () => mock.close(0),
  };
}

export async function callManagement(
  port: number,
  method: string,
  path: string,
  { body, token, headers }: Call = {},
): Promise<Answered> {
  const bearer = token === undefined ? await fetchToken(port) : token;
  return await ask(port, `/api/v1${path}`, {
    method,
    headers: {
      ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

/** A token with these scopes; with all that there are for none. */
export async function fetchToken(port: number, ...scopes: readonly string[]): Promise<string> {
  const form = {
    grant_type: "client_credentials",
    client_id: "my-app",
    client_secret: "my-secret",
    scope: scopes.join(" "),
  };
  const { json } = await ask(port, "/oauth2/token", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
  });
  return (json as { readonly access_token: string }).access_token;
}

/** The id of a webhook that is registered for the occasion. */
export async function register({ call }: ManagementMock, change: object = {}): Promise<string> {
  const { json } = await call("POST", "/webhooks", { body: { ...order, ...change } });
  return (json as { readonly webhook: { readonly id: string } }).webhook.id;
}

export async function listWebhooks({ call }: ManagementMock): Promise<readonly Record<string, unknown>[]> {
  const { json } = await call("GET", "/webhooks");
  return (json as { readonly webhooks: readonly Record<string, unknown>[] }).webhooks;
}

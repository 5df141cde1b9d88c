/** The control API, as the page calls it. */
import type { Delivery } from "../../delivery/delivery.ts";
import { isJsonObject, type JsonObject } from "../../kinde/json.ts";
import type { DeliveryDetail, EventSample, ReplayAnswer, ReplayRequest, Status } from "../protocol.ts";
import { ApiError } from "./api-error.ts";

/** Every call rejects with an `ApiError`. */
export interface Api {
  status(): Promise<Status>;
  /** @param signal ends it: nobody wants it any more */
  detail(id: string, signal: AbortSignal): Promise<DeliveryDetail>;
  replay(id: string, request: ReplayRequest): Promise<ReplayAnswer>;
  emit(request: EmitOrder): Promise<{ readonly deliveries: readonly Delivery[] }>;
  /** Asked for once, as long as the page lives: they are those of the build. */
  samples(): Promise<readonly EventSample[]>;
}

/** `POST /_devhook/api/emit`. */
export interface EmitOrder {
  readonly type: string;
  /** Merged into the sample's. */
  readonly data?: JsonObject;
  /** URLs, in place of where events go else. */
  readonly to?: string | readonly string[];
  readonly set?: JsonObject;
  readonly unset?: readonly string[];
  readonly source?: string;
  readonly webhookId?: string;
  readonly fault?: string;
}

/**
 * @param base `http://localhost:4455/_devhook/`
 * @param token the control token that there is now; `null` before there is one
 */
export function createApi(base: URL, token: () => string | null): Api {
  const ask = <Answer>(path: string, body?: object, signal?: AbortSignal): Promise<Answer> =>
    call(base, token(), path, body, signal);
  const askForSamples = async (): Promise<readonly EventSample[]> =>
    (await ask<{ readonly eventTypes: readonly EventSample[] }>("event-types")).eventTypes;
  let samples: Promise<readonly EventSample[]> | undefined;
  return {
    status: () => ask("status"),
    detail: (id, signal) => ask(`deliveries/${encodeURIComponent(id)}`, undefined, signal),
    replay: (id, request) => ask(`deliveries/${encodeURIComponent(id)}/replay`, request),
    emit: (request) => ask("emit", request),
    samples: () => {
      samples ??= askForSamples().catch((error: unknown) => {
        samples = undefined;
        throw error;
      });
      return samples;
    },
  };
}

/**
 * Exchanges the ticket of a printed URL, which can be done once.
 * @returns the control token
 * @throws {ApiError}
 */
export async function exchangeTicket(base: URL, ticket: string): Promise<string> {
  const { token } = await call<{ readonly token: string }>(base, null, "session", { ticket });
  return token;
}

async function call<Answer>(
  base: URL,
  token: string | null,
  path: string,
  body?: object,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await fetch(new URL(`api/${path}`, base), {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    body: body === undefined ? null : JSON.stringify(body),
    cache: "no-store",
    credentials: "omit",
    signal: signal ?? null,
  }).catch(() => {
    throw new ApiError("ERR_NO_ANSWER", "kinde-devhook does not answer. Does it still run?", null);
  });
  const answer = (await response.json().catch(() => null)) as unknown;
  // What it answers is by the types of the protocol: page and process are of one build.
  if (response.ok && isJsonObject(answer)) return answer as Answer;
  throw errorOf(answer, response.status);
}

function errorOf(answer: unknown, status: number): ApiError {
  const errors = isJsonObject(answer) ? answer["errors"] : undefined;
  const first = Array.isArray(errors) ? errors[0] : errors;
  const { code, message } = isJsonObject(first) ? first : {};
  return typeof code === "string" && typeof message === "string"
    ? new ApiError(code, message, status)
    : new ApiError("ERR_UNEXPECTED_ANSWER", `kinde-devhook answered ${status}, and not why.`, status);
}

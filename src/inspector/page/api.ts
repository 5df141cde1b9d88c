/** The control API, as the page calls it. */
import type { Delivery } from "../../delivery/delivery.ts";
import { isJsonObject, type JsonObject } from "../../kinde/json.ts";
import type { DeliveryDetail, EventSample, ReplayAnswer, ReplayRequest, Status } from "../protocol.ts";
import { ApiError } from "./api-error.ts";

/** Every call rejects with an `ApiError`. */
export interface Api {
  status(): Promise<Status>;
  detail(id: string): Promise<DeliveryDetail>;
  replay(id: string, request: ReplayRequest): Promise<ReplayAnswer>;
  emit(request: EmitOrder): Promise<{ readonly deliveries: readonly Delivery[] }>;
  samples(): Promise<readonly EventSample[]>;
  /** Exchanges the ticket of a printed URL, which can be done once. @returns the control token */
  exchange(ticket: string): Promise<string>;
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
  async function call(path: string, body?: object): Promise<JsonObject> {
    const bearer = token();
    const response = await fetch(new URL(`api/${path}`, base), {
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
    }).catch(() => {
      throw new ApiError("ERR_NO_ANSWER", "kinde-devhook does not answer: does it still run?", null);
    });
    const answer = (await response.json().catch(() => null)) as unknown;
    if (response.ok && isJsonObject(answer)) return answer;
    throw errorOf(answer, response.status);
  }
  // What the process answers is by the types of the protocol: page and process are of one build.
  const ask = async <Answer>(path: string, body?: object): Promise<Answer> =>
    (await call(path, body)) as unknown as Answer;
  return {
    status: () => ask("status"),
    detail: (id) => ask(`deliveries/${encodeURIComponent(id)}`),
    replay: (id, request) => ask(`deliveries/${encodeURIComponent(id)}/replay`, request),
    emit: (request) => ask("emit", request),
    samples: async () =>
      (await ask<{ readonly eventTypes: readonly EventSample[] }>("event-types")).eventTypes,
    exchange: async (ticket) => (await ask<{ readonly token: string }>("session", { ticket })).token,
  };
}

function errorOf(answer: unknown, status: number): ApiError {
  const errors = isJsonObject(answer) ? answer["errors"] : undefined;
  const first = Array.isArray(errors) ? errors[0] : errors;
  const { code, message } = isJsonObject(first) ? first : {};
  return typeof code === "string" && typeof message === "string"
    ? new ApiError(code, message, status)
    : new ApiError("ERR_UNEXPECTED_ANSWER", `kinde-devhook answered ${status}, and not why.`, status);
}

/**
 * A record of the history as a delivery. Members have been added to deliveries, and will be: a record of an older version
 * lacks some, and is read with what they mean when they are absent. What every version has written must be there: a
 * record without it, or with a state or direction that we do not know, is of a format that is not ours.
 */
import type { Attempt, Delivery } from "../delivery/delivery.ts";
import { isJsonObject, type JsonObject } from "../kinde/json.ts";

const directions: ReadonlySet<unknown> = new Set<Delivery["direction"]>(["relayed", "emitted", "replayed"]);
const states: ReadonlySet<unknown> = new Set<Delivery["state"]>(["pending", "delivered", "failed"]);

/** Why a line of the history is no delivery: it is no JSON, as what a killed process left half written, or another thing. */
export type Unreadable = "damaged" | "another-format";

export function parseDelivery(line: string): Delivery | Unreadable {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return "damaged";
  }
  return toDelivery(record) ?? "another-format";
}

/** What older versions did not write. */
const added = { webhookId: null, event: null, nextAttemptAt: null, failedReason: null };
const addedToEvent = { source: null };
const addedToAttempt = { durationMs: 0, plannedDelayMs: 0, status: null, error: null, response: null };
const addedToResponse = { headers: {}, body: "", truncated: false };

function toDelivery(record: unknown): Delivery | undefined {
  if (!isJsonObject(record)) return undefined;
  const { id, direction, endpoint, token, verification, state, createdAt, attempts, event = null } = record;
  const isOurs =
    typeof id === "string" &&
    directions.has(direction) &&
    typeof endpoint === "string" &&
    typeof token === "string" &&
    isJsonObject(verification) &&
    states.has(state) &&
    isTime(createdAt) &&
    Array.isArray(attempts) &&
    (event === null || isEvent(event));
  if (!isOurs) return undefined;
  const complete = attempts.map((attempt) => completeAttempt(attempt, endpoint));
  if (!complete.every((attempt) => attempt !== undefined)) return undefined;
  const whole = {
    ...withMissing(record, added),
    attempts: complete,
    ...(isEvent(event) && { event: withMissing(event, addedToEvent) }),
  };
  return whole as unknown as Delivery;
}

function isEvent(value: unknown): value is JsonObject {
  return isJsonObject(value) && typeof value["type"] === "string" && typeof value["id"] === "string";
}

function completeAttempt(attempt: unknown, endpoint: string): Attempt | undefined {
  if (!isJsonObject(attempt) || typeof attempt["number"] !== "number") return undefined;
  const { startedAt, durationMs = 0, request, response = null } = attempt;
  if (!isTime(startedAt) || !isDuration(durationMs, startedAt)) return undefined;
  const addedRequest = { method: "POST", url: endpoint, headers: {} };
  return {
    ...withMissing(attempt, addedToAttempt),
    request: isJsonObject(request) ? withMissing(request, addedRequest) : addedRequest,
    response: isJsonObject(response) ? withMissing(response, addedToResponse) : null,
  } as unknown as Attempt;
}

function withMissing(record: JsonObject, defaults: JsonObject): JsonObject {
  for (const name in defaults) if (record[name] === undefined) return { ...defaults, ...record };
  return record;
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

/** Whether it leads to a time again: lists are in the order of these. */
function isDuration(value: unknown, startedAt: string): boolean {
  return typeof value === "number" && !Number.isNaN(new Date(Date.parse(startedAt) + value).getTime());
}

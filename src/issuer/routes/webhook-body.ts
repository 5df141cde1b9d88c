/** The bodies of the Management API's calls that register and change webhooks, narrowed. */
import { UnknownEventTypeError } from "../../kinde/errors.ts";
import type { EventType } from "../../kinde/event-data.ts";
import { parseEventType } from "../../kinde/event-types.ts";
import { isJsonObject, type JsonObject } from "../../kinde/json.ts";
import { describeValue, isTexts } from "../../kinde/parse-option.ts";
import type { WebhookChange, WebhookOrder } from "../../mock/webhook-registry.ts";

export interface WebhookRules {
  /** Endpoints must be https, as Kinde demands. Default: http is taken, for apps under development. */
  readonly isStrict?: boolean | undefined;
}

/** What the Management API says no to, as its `errors` tell it. */
export class ManagementError extends Error {
  readonly status: 400 | 403 | 404 | 413 | 429;
  readonly code: string;
  constructor(status: ManagementError["status"], code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** @throws {ManagementError} 400 */
export function parseWebhookOrder(body: unknown, { isStrict = false }: WebhookRules): WebhookOrder {
  const given = parseBody(body);
  return {
    endpoint: parseEndpoint(given["endpoint"], isStrict),
    eventTypes: parseEventTypes(given["event_types"]),
    name: parseName(given["name"]),
    description: parseDescription(given["description"]),
  };
}

/** @throws {ManagementError} 400 */
export function parseWebhookChange(body: unknown): WebhookChange {
  const given = parseBody(body);
  if (given["endpoint"] !== undefined) {
    throw invalid("endpoint", "Kinde can't move a webhook: delete this one, and create another.");
  }
  const { event_types, name, description } = given;
  return {
    ...(event_types !== undefined && { eventTypes: parseEventTypes(event_types) }),
    ...(name !== undefined && { name: parseName(name) }),
    ...(description !== undefined && { description: parseDescription(description) }),
  };
}

// What a parser of URLs would mend in silence is refused: spaces around it, controls in it, slashes that lack.
const urlPattern = /^https?:\/\/[^\s\p{Cc}\p{Cs}#]+$/iu;

function parseBody(body: unknown): JsonObject {
  if (isJsonObject(body)) return body;
  throw invalid(
    "body",
    `Expected a JSON object with content-type application/json, got ${describeValue(body)}.`,
  );
}

function parseEndpoint(value: unknown, isStrict: boolean): string {
  const isWritten = typeof value === "string" && urlPattern.test(value);
  const url = isWritten && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || url.port === "0") {
    throw invalid(
      "endpoint",
      `Expected a URL, as in https://example.com/api/webhook, got ${describeValue(value)}.`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid("endpoint", "Expected a URL without user and password, got one with them.");
  }
  if (isStrict && url.protocol !== "https:") {
    throw invalid(
      "endpoint",
      `Kinde takes https endpoints only, and so does --strict (in the library: strict); got ${url.href}.`,
    );
  }
  // As it was given: code that looks for its own URL among the webhooks must find it.
  return value as string;
}

function parseEventTypes(value: unknown): readonly EventType[] {
  if (!isTexts(value) || value.length === 0) {
    throw invalid(
      "event_types",
      `Expected an array of one or more event types, got ${describeValue(value)}.`,
    );
  }
  try {
    return [...new Set(value.map(parseEventType))];
  } catch (error) {
    if (error instanceof UnknownEventTypeError) throw invalid("event_types", error.message);
    throw error;
  }
}

function parseName(value: unknown): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  throw invalid("name", `Expected text, got ${describeValue(value)}.`);
}

function parseDescription(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  throw invalid("description", `Expected text or null, got ${describeValue(value)}.`);
}

function invalid(field: string, message: string): ManagementError {
  return new ManagementError(400, `${field.toUpperCase()}_INVALID`, `${field}: ${message}`);
}

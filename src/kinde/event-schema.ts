/**
 * A JSON Schema (2020-12) of each event type, made from its sample: the Management API publishes one, and no source
 * shows what Kinde's own look like.
 */
import type { EventType } from "./event-data.ts";
import { eventFixture } from "./event-types.ts";
import type { AuthenticationEventType } from "./events.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

const text: JsonObject = { type: "string" };
const withAddress: readonly AuthenticationEventType[] = ["user.authenticated", "user.authentication_failed"];

/** What the claims of such an event look like. Members of `data` may be missing or `null`: samples do not tell. */
export function eventSchema(type: EventType): JsonObject {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      data: { ...schemaOf(eventFixture(type).data as unknown as JsonValue), type: "object" },
      event_id: { type: "string", pattern: "^event_[0-9a-f]{32}$" },
      event_timestamp: text,
      ...(withAddress.some((known) => known === type) && { ip_address: text }),
      source: { enum: ["admin", "api", "user"] },
      timestamp: text,
      type: { const: type },
    },
    required: ["data", "event_id", "source", "timestamp", "type"],
  };
}

function schemaOf(value: JsonValue): JsonObject {
  if (Array.isArray(value)) {
    const [item] = value;
    return { type: ["array", "null"], ...(item !== undefined && { items: schemaOf(item) }) };
  }
  if (isJsonObject(value)) {
    const properties = Object.entries(value).map(([name, member]) => [name, schemaOf(member)]);
    return { type: ["object", "null"], properties: Object.fromEntries(properties) as JsonObject };
  }
  // Nothing is known of a member whose sample is null.
  return value === null ? {} : { type: [typeof value, "null"] };
}

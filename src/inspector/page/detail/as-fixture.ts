import { stringifySorted, isJsonObject, type JsonObject, type JsonValue } from "../../../kinde/json.ts";
import type { EventSample } from "../../protocol.ts";
import { quote } from "./as-curl.ts";
import { changedPaths } from "./changed-paths.ts";

export interface Fixture {
  /** What a file is to be called. */
  readonly fileName: string;
  /** The event's data as JSON, as `emit --data` takes it. */
  readonly json: string;
  /** A line for a POSIX shell that emits the same data and source again, with an id and a time of its own. */
  readonly command: string;
}

/** Claims that an event can be made of again. */
export type EventClaims = JsonObject & { readonly type: string; readonly data: JsonObject };

/** What an event is made of that is like another: the sample of an event type. */
export type EventBase = Pick<EventSample, "type" | "data">;

const sources = new Set(["admin", "api", "user"]);

export function hasEvent(claims: JsonObject | null): claims is EventClaims {
  return claims !== null && typeof claims["type"] === "string" && isJsonObject(claims["data"]);
}

/**
 * An event as a file, with the command that emits it.
 * @param base the sample that `--data` is merged into: that of its type, or any for a type that has none
 */
export function asFixture(claims: EventClaims, base: EventBase | undefined): Fixture {
  const { type, data, source, ip_address: address } = claims;
  const fileName = `${type.replaceAll(/[^\w.-]/g, "_")}.json`;
  // What the sample has beside would come with it.
  const surplus =
    base === undefined ? [] : changedPaths(data, onlyObjects(base.data, data)).flatMap(surplusOf);
  const emitted = base?.type ?? type;
  const options = [
    ...(emitted === type ? [] : [`--set ${quote(`type=${JSON.stringify(type)}`)}`]),
    ...(typeof source === "string" && sources.has(source) ? [`--source ${source}`] : []),
    ...(typeof address === "string" ? [`--set ${quote(`ip_address=${JSON.stringify(address)}`)}`] : []),
    ...surplus.map((path) => `--unset ${quote(`data.${path}`)}`),
  ];
  const command = ["npx kinde-devhook emit", quoteIfNeeded(emitted), "--data", fileName, ...options].join(
    " ",
  );
  return { fileName, json: `${stringifySorted(data, 2)}\n`, command };
}

function surplusOf({ path, change }: ReturnType<typeof changedPaths>[number]): string[] {
  return change === "added" ? [path] : [];
}

/** The sample without what `--data` replaces whole: only objects are merged. */
function onlyObjects(sample: JsonValue, data: JsonValue): JsonValue {
  if (!isJsonObject(sample) || !isJsonObject(data)) return data;
  return Object.fromEntries(
    Object.entries(sample).map(([name, value]) => [
      name,
      Object.hasOwn(data, name) ? onlyObjects(value, data[name]!) : value,
    ]),
  );
}

function quoteIfNeeded(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : quote(text);
}

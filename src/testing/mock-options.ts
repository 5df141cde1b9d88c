/** The options of `startMockKinde`, read and narrowed. */
import type { Endpoint } from "../app/endpoints.ts";
import { defaultTimeoutMs } from "../delivery/attempt-delivery.ts";
import { eventTypes, matchEventTypes } from "../kinde/event-types.ts";
import { InvalidOptionError } from "../kinde/errors.ts";
import { isJsonObject } from "../kinde/json.ts";
import {
  createOptionReader,
  describeValue,
  isText,
  isTexts,
  isWait,
  isWholeNumber,
  parseOptions,
} from "../kinde/parse-option.ts";
import { parseSigningKey, type SigningKey } from "../kinde/signing-key.ts";
import type { ClientOptions } from "./mock-kinde.ts";
import { readNow, readSeed } from "./origin-options.ts";

export interface ReadMockOptions {
  readonly webhooks: readonly Endpoint[];
  readonly port: number;
  readonly signingKey: SigningKey | undefined;
  /** Epoch milliseconds. */
  readonly now: number | undefined;
  readonly randomSeed: string | number | undefined;
  readonly timeoutMs: number;
  readonly client: ClientOptions | undefined;
  readonly isStrict: boolean | undefined;
  readonly maxWebhooks: number | undefined;
}

const names = [
  "webhooks",
  "port",
  "signingKey",
  "now",
  "randomSeed",
  "timeoutMs",
  "client",
  "strict",
  "maxWebhooks",
];

/**
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 * @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE`
 */
export function readMockOptions(options: unknown): ReadMockOptions {
  const given = parseOptions(options, "startMockKinde", names);
  const read = createOptionReader(given, "startMockKinde");
  const webhooks = Array.from(
    read("webhooks", "an array of { endpoint, eventTypes }", isArray) ?? [],
    (webhook, index) => readWebhook(webhook, `webhooks[${index}]`),
  );
  const maxWebhooks = read("maxWebhooks", "a whole number from 0 to 10000", isWholeNumber(0, 10_000));
  if (maxWebhooks !== undefined && webhooks.length > maxWebhooks) {
    const most = `${maxWebhooks} at most, for maxWebhooks says so`;
    throw new InvalidOptionError("webhooks of startMockKinde", most, String(webhooks.length));
  }
  return {
    webhooks,
    maxWebhooks,
    client: readClient(given["client"]),
    isStrict: read("strict", "true or false", isBoolean),
    port: read("port", "a port from 0 to 65535, 0 for any that is free", isWholeNumber(0, 65_535)) ?? 0,
    signingKey:
      given["signingKey"] === undefined
        ? undefined
        : readSigningKey(given["signingKey"], "signingKey of startMockKinde"),
    now: readNow(given["now"], "startMockKinde"),
    randomSeed: readSeed(given["randomSeed"], "startMockKinde"),
    timeoutMs: read("timeoutMs", "milliseconds from 1 to 3600000", isWait) ?? defaultTimeoutMs,
  };
}

/**
 * An endpoint, as text or as a URL.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function readEndpoint(value: unknown, option: string): URL {
  const text = hasHref(value) ? value.href : value;
  const url = isText(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.port === "0") {
    throw new InvalidOptionError(
      option,
      "a URL of http or https, as in http://localhost:3000/api/webhook",
      describeValue(value),
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new InvalidOptionError(option, "a URL without user and password", "one with them");
  }
  url.hash = "";
  return url;
}

/** A URL by what it has: a test environment may have a class of its own. */
function hasHref(value: unknown): value is { readonly href: string } {
  return typeof value === "object" && value !== null && "href" in value && isText(value.href);
}

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` */
export function readSigningKey(value: unknown, option: string): SigningKey {
  const key = parseSigningKey(value, option);
  // Under an id that is not its own it would sign what the JWKS does not verify.
  if (key.publicJwk.kid === key.kid) return key;
  throw new InvalidOptionError(option, "a key under its own id", `one under "${key.kid}"`);
}

/**
 * @param of how to name it in the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 * @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE`
 */
export function readWebhook(value: unknown, of: string): Endpoint {
  // A bare endpoint is what people give first.
  if (value === undefined || isText(value) || hasHref(value)) {
    throw new InvalidOptionError(of, "{ endpoint, eventTypes }", describeValue(value));
  }
  const webhook = parseOptions(value, of, ["endpoint", "eventTypes"]);
  const patterns = createOptionReader(webhook, of)(
    "eventTypes",
    'an array of one or more event types or patterns, as in ["user.*"]',
    isNonEmptyTexts,
  );
  return {
    url: readEndpoint(webhook["endpoint"], `endpoint of ${of}`),
    eventTypes: patterns === undefined ? eventTypes : [...new Set(patterns.flatMap(matchEventTypes))],
  };
}

/** The error tells nothing of what is given: it may be a secret. */
function readClient(value: unknown): ClientOptions | undefined {
  if (value === undefined) return undefined;
  const option = "client of startMockKinde";
  if (!isJsonObject(value)) {
    throw new InvalidOptionError(option, "{ id, secret }", isText(value) ? "text" : "something else");
  }
  const client = parseOptions(value, option, ["id", "secret"]);
  const readText = (name: string): string => {
    const text = client[name];
    if (isText(text) && /^\S+$/.test(text)) return text;
    const got = text === undefined || text === "" ? "nothing" : "something else";
    throw new InvalidOptionError(`${name} of ${option}`, "text without spaces", got);
  };
  return { id: readText("id"), secret: readText("secret") };
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

// `Array.isArray` itself would make it an array of anything.
function isArray(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function isNonEmptyTexts(value: unknown): value is string[] {
  return isTexts(value) && value.length > 0;
}

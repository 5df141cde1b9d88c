/** A new delivery made from a recorded one: the same bytes, or edited and signed anew. */
import { DevhookError, InvalidOptionError } from "../kinde/errors.ts";
import { assertPlainData } from "../kinde/claim-path.ts";
import { isEvent, NotAnEventError } from "../kinde/events.ts";
import { createEventId, createIdempotencyKey, type Origin } from "../kinde/ids.ts";
import { isJsonObject, type JsonObject } from "../kinde/json.ts";
import { describeValue } from "../kinde/parse-option.ts";
import { applyOverrides, type Overrides, type OverrideWarning } from "../kinde/overrides.ts";
import { signClaims } from "../kinde/sign.ts";
import type { SigningKey } from "../kinde/signing-key.ts";
import { claimsOf } from "./claims-of.ts";
import type { Delivery, DeliveryOrder } from "./delivery.ts";

/** What is to be other than it was. */
export interface ReplayEdits extends Pick<Overrides, "set" | "unset"> {
  /** Takes the place of all claims; `set` and `unset` come after. */
  readonly claims?: JsonObject | undefined;
  /** A new event id and timestamp. */
  readonly isFresh?: boolean | undefined;
  /** The same `webhook-id`, as in a retry of Kinde's. Default: a new one for the same event. */
  readonly isSameId?: boolean | undefined;
  /** The URL to deliver it to. Default: the endpoint that it had. */
  readonly to?: string | undefined;
}

export interface Replay {
  readonly order: DeliveryOrder;
  /** What needed a new signature: `fresh`, `set user.email`, `claims`. Empty: the bytes are those that were recorded. */
  readonly changes: readonly string[];
}

export interface ReplayOptions extends Origin {
  /** Signs what is edited. */
  readonly signingKey: SigningKey;
  /** The URL of the issuer whose JWKS holds the key. */
  readonly issuer: string;
  readonly onWarning?: ((warning: OverrideWarning) => void) | undefined;
}

/** Nothing is there to be sent again: its token was not kept. */
export class RedactedError extends DevhookError {
  override readonly code = "ERR_REDACTED";
  constructor({ id, event }: Delivery) {
    const again = event === null ? "" : ` Make one like it: \`npx kinde-devhook emit ${event.type}\`.`;
    super(`Failed to replay ${id}: it was recorded with --redact, so its token was not kept.${again}`);
  }
}

/**
 * @throws {RedactedError} `ERR_REDACTED`
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when edits contradict each other, or there is nothing that they could change
 * @throws {InvalidPathError} `ERR_INVALID_PATH` for an edit that can't be applied
 * @throws {NotAnEventError} `ERR_NOT_AN_EVENT` when the edits leave no event
 */
export async function createReplay(
  delivery: Delivery,
  edits: ReplayEdits,
  options: ReplayOptions,
): Promise<Replay> {
  if (delivery.isRedacted === true) throw new RedactedError(delivery);
  const { isFresh = false, isSameId = false, to = delivery.endpoint } = edits;
  if (isFresh && isSameId) {
    throw new InvalidOptionError("--same-id", "none beside --fresh, which makes another event", "both");
  }
  if (isSameId && delivery.webhookId === null) {
    throw new InvalidOptionError("--same-id", "a delivery that came with a webhook-id", delivery.id);
  }
  if (!/^https?:/.test(URL.canParse(to) ? new URL(to).protocol : "")) {
    throw new InvalidOptionError("the endpoint of the replay", "an http or https URL", describeValue(to));
  }
  const { randomBytes, signingKey, issuer } = options;
  const webhookId = isSameId ? delivery.webhookId : createIdempotencyKey(randomBytes);
  const changes = changesOf(edits);
  const same = { direction: "replayed", endpoint: to, webhookId, replayOf: delivery.id } as const;
  if (changes.length === 0) {
    const { token, verification, fault } = delivery;
    return { order: { ...same, token, event: eventOf(delivery), verification, fault }, changes };
  }
  const event = edit(delivery, edits, options);
  const token = await signClaims(event, signingKey);
  const verification = { status: "verified", kid: signingKey.kid, issuer } as const;
  return { order: { ...same, token, event, verification }, changes };
}

function edit(
  delivery: Delivery,
  { claims: given, set, unset, isFresh }: ReplayEdits,
  { now, randomBytes, onWarning }: ReplayOptions,
): ReturnType<typeof eventOf> & JsonObject {
  const claims = structuredClone(given === undefined ? readClaims(delivery) : parseClaims(given));
  if (isFresh === true) {
    const timestamp = new Date(now).toISOString();
    claims["event_id"] = createEventId({ now, randomBytes });
    claims["timestamp"] = timestamp;
    if ("event_timestamp" in claims) claims["event_timestamp"] = timestamp;
  }
  const edited = applyOverrides(claims, { set, unset }, onWarning, "event");
  if (!isEvent(edited)) throw new NotAnEventError(edited);
  return edited;
}

function readClaims(delivery: Delivery): JsonObject {
  const recorded = claimsOf(delivery);
  if (recorded !== undefined) return recorded;
  throw new InvalidOptionError(
    "the delivery to edit",
    "one whose body is a token",
    delivery.id,
    "What came there can be sent again as it is alone.",
  );
}

/** Claims from an editor: whatever JSON has. */
function parseClaims(given: unknown): JsonObject {
  if (!isJsonObject(given)) {
    throw new InvalidOptionError("the claims to send", "a JSON object", describeValue(given));
  }
  assertPlainData(given, "claims");
  return given;
}

function changesOf({ claims, set = [], unset = [], isFresh }: ReplayEdits): string[] {
  const paths = Array.isArray(set) ? set.map(([path]: readonly [string, unknown]) => path) : Object.keys(set);
  return [
    ...(claims === undefined ? [] : ["claims"]),
    ...(isFresh === true ? ["fresh"] : []),
    ...paths.map((path) => `set ${path}`),
    ...unset.map((path) => `unset ${path}`),
  ];
}

function eventOf({ event }: Delivery): DeliveryOrder["event"] {
  if (event === null) return null;
  const { type, id, source, timestamp } = event;
  return { type, event_id: id, timestamp, source };
}

/**
 * The faults that a handler is tested with: what is wrong with each, and what a correct handler does about it.
 * Source: what Kinde does (retries of the same token for 36 h, duplicates, no order, new event types), RFC 8725 for
 * the tokens, and what networks do. What carries them out: `faulty-events`, `faulty-token`, `faulty-request`.
 */
import { closest } from "./closest.ts";
import { DevhookError } from "./errors.ts";
import type { VerificationErrorCode } from "./verify.ts";

export type FaultName =
  | "tampered-claims"
  | "bad-signature"
  | "unknown-kid"
  | "foreign-key"
  | "alg-none"
  | "hs256-public-key"
  | "missing-kid"
  | "truncated-token"
  | "json-body"
  | "legacy-content-type"
  | "empty-body"
  | "duplicate"
  | "reordered"
  | "stale-timestamp"
  | "unknown-event-type"
  | "slow-sender"
  | "cut-body";

/**
 * What a correct handler answers: `accept` 200 · `refuse` 4xx, with nothing done · `either` of these.
 */
export type Expectation = "accept" | "refuse" | "either";

export interface Fault {
  readonly name: FaultName;
  /** What is wrong with it, in a sentence. */
  readonly does: string;
  /** What a correct handler does, in a sentence. */
  readonly handler: string;
  readonly expects: Expectation;
  /** Whether a single request shows it; if not, it is in several, or in how one is sent. */
  readonly isOneRequest: boolean;
  /** Why what goes out as the body does not verify; `null` when it does. */
  readonly reason: VerificationErrorCode | null;
}

const refuses = "Refuses it with 4xx, and does nothing.";

const catalogue: Readonly<Record<FaultName, Omit<Fault, "name" | "isOneRequest">>> = {
  "tampered-claims": {
    does: "Its data was changed after it was signed.",
    handler: refuses,
    expects: "refuse",
    reason: "ERR_BAD_SIGNATURE",
  },
  "bad-signature": {
    does: "One bit of its signature is wrong.",
    handler: refuses,
    expects: "refuse",
    reason: "ERR_BAD_SIGNATURE",
  },
  "unknown-kid": {
    does: "It is signed with a key that the JWKS does not have, and names that key.",
    handler: `${refuses} It may ask for the JWKS again first.`,
    expects: "refuse",
    reason: "ERR_UNKNOWN_KID",
  },
  "foreign-key": {
    does: "It names a key of the JWKS, and is signed with another.",
    handler: refuses,
    expects: "refuse",
    reason: "ERR_BAD_SIGNATURE",
  },
  "alg-none": {
    does: "Its header says that it is not signed (alg none), and it is not.",
    handler: `${refuses} Only RS256 is taken.`,
    expects: "refuse",
    reason: "ERR_WRONG_ALG",
  },
  "hs256-public-key": {
    does: "It is signed with HS256, with the public key, which everybody has, as the secret.",
    handler: `${refuses} Only RS256 is taken.`,
    expects: "refuse",
    reason: "ERR_WRONG_ALG",
  },
  "missing-kid": {
    does: "It is signed with the right key, and its header does not name the key.",
    handler:
      "Refuses it with 4xx, for Kinde always names the key; to verify it with the one key of the JWKS does no harm.",
    expects: "either",
    reason: "ERR_MISSING_KID",
  },
  "truncated-token": {
    does: "The token ends in the middle of its claims.",
    handler: refuses,
    expects: "refuse",
    reason: "ERR_NOT_A_JWT",
  },
  "json-body": {
    does: "The body is the token as a JSON string, with content-type application/json.",
    handler:
      "Refuses it with 4xx, for Kinde sends the bare token; to verify what a JSON parser makes of it does no harm.",
    expects: "either",
    reason: "ERR_NOT_A_JWT",
  },
  "legacy-content-type": {
    does: "The content-type is application/json, as Kinde's once was, over the bare token.",
    handler:
      "Takes it by its signature with 200; to refuse it with 4xx does no harm, for Kinde sends application/jwt now.",
    expects: "either",
    reason: null,
  },
  "empty-body": {
    does: "There is no token: the body is empty.",
    handler: refuses,
    expects: "refuse",
    reason: "ERR_NOT_A_JWT",
  },
  duplicate: {
    does: "The same request comes twice, with the same webhook-id, as Kinde's own may.",
    handler: "Answers 200 to both and acts once: it remembers the webhook-id, or the event_id.",
    expects: "accept",
    reason: null,
  },
  reordered: {
    does: 'The newer of two events comes first; an email, a name, a description or a plan in the older begins with "older-".',
    handler: "Answers 200 to both and keeps the newer state: it compares timestamps.",
    expects: "accept",
    reason: null,
  },
  "stale-timestamp": {
    does: "The event happened 35 hours ago, as at one of Kinde's last retries: they bring the same token for 36 hours.",
    handler: "Answers 200 and acts: a webhook token never expires.",
    expects: "accept",
    reason: null,
  },
  "unknown-event-type": {
    does: "Its event type is one that Kinde does not have yet.",
    handler: "Answers 200 and passes it over: anything else is tried again, and may disable the webhook.",
    expects: "accept",
    reason: null,
  },
  "slow-sender": {
    does: "The body comes in eight pieces, over two seconds.",
    handler: "Waits for the whole body, and answers 200.",
    expects: "accept",
    reason: null,
  },
  "cut-body": {
    does: "The connection is cut in the middle of the body; then the whole comes, as when Kinde tries again.",
    handler: "Does nothing with the half, stays up, and answers the whole with 200.",
    expects: "accept",
    reason: null,
  },
};

export const faultNames: readonly FaultName[] = Object.keys(catalogue) as FaultName[];

const beyondOneRequest: ReadonlySet<FaultName> = new Set([
  "duplicate",
  "reordered",
  "slow-sender",
  "cut-body",
]);

export function faultOf(name: FaultName): Fault {
  return { name, ...catalogue[name], isOneRequest: !beyondOneRequest.has(name) };
}

/** The whole catalogue, by where in the making of a request the fault lies: token, body, events, connection. */
export const faults: readonly Fault[] = faultNames.map(faultOf);

export class UnknownFaultError extends DevhookError {
  override readonly code = "ERR_UNKNOWN_FAULT";
  readonly fault: string;
  readonly closest: FaultName | undefined;
  constructor(fault: string, nearest: FaultName | undefined) {
    const shown = fault.length > 100 ? `${fault.slice(0, 100)}…` : fault;
    super(
      `Failed to find fault "${shown}": there is none of this name.` +
        (nearest === undefined ? "" : ` Did you mean "${nearest}"?`) +
        ` There are: ${faultNames.join(", ")}.`,
    );
    this.fault = fault;
    this.closest = nearest;
  }
}

/**
 * Narrows text to the name of a fault.
 * @throws {UnknownFaultError} `ERR_UNKNOWN_FAULT`, naming the nearest
 */
export function parseFault(text: string): FaultName {
  if (Object.hasOwn(catalogue, text)) return text as FaultName;
  const longer = text === "" ? undefined : faultNames.find((name) => name.startsWith(text));
  throw new UnknownFaultError(text, closest(text, faultNames) ?? longer);
}

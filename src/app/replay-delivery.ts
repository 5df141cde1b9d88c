/** Sends a recorded delivery again, once: the same bytes, or edited and signed anew. */
import { attemptDelivery, defaultTimeoutMs } from "../delivery/attempt-delivery.ts";
import type { Clock } from "../delivery/clock.ts";
import {
  addAttempt,
  createDelivery,
  createDeliveryId,
  deliveredStatus,
  isToBeCut,
  type Attempt,
  type Delivery,
  type Outcome,
} from "../delivery/delivery.ts";
import { createReplay, type ReplayEdits } from "../delivery/replay.ts";
import { DevhookError } from "../kinde/errors.ts";
import type { Origin } from "../kinde/ids.ts";
import type { KeySource } from "../kinde/jwks.ts";
import type { SigningKeys } from "../kinde/signing-keys.ts";
import { verifyToken, type Verification } from "../kinde/verify.ts";
import { isLoopbackHost } from "../net/loopback.ts";

export interface ReplayDeliveryOptions {
  /** Sign what is edited. */
  readonly signingKeys: SigningKeys;
  /** What the app can verify by: the keys that the local issuer serves. */
  readonly keys: KeySource & {
    /** `undefined` when they are our own alone. */
    readonly realIssuer?: string | undefined;
    /** The issuer whose key a key id names. Default: the one that was recorded. */
    readonly issuerOf?: (kid: string) => string;
  };
  /** The URL of the local issuer. */
  readonly issuer: string;
  readonly clock: Clock;
  readonly randomBytes: Origin["randomBytes"];
  /** How long the app may take for its answer, in milliseconds. Default 30 s. */
  readonly timeoutMs?: number | undefined;
  /** The status that counts as delivered. Default 200. */
  readonly expectedStatus?: number | undefined;
  /** Takes any certificate of the app. Default: one that is trusted. */
  readonly isInsecure?: boolean | undefined;
  /** Cuts the request off: the delivery is `cancelled`. */
  readonly signal: AbortSignal;
  /** Called when the new delivery is begun, and at its end. @param changes what needed a new signature */
  readonly onChange?: ((delivery: Delivery, changes: readonly string[]) => void) | undefined;
  /** Called for a path that the claims do not have (`WARN_UNKNOWN_PATH`), and a token that can't be tried (`WARN_REPLAY_UNTRIED`). */
  readonly onWarning?: ((warning: ReplayWarning) => void) | undefined;
}

export interface ReplayWarning {
  readonly code: "WARN_UNKNOWN_PATH" | "WARN_REPLAY_UNTRIED";
  readonly message: string;
}

export interface ReplayedDelivery {
  /** After its attempt. */
  readonly delivery: Delivery;
  /** What needed a new signature: `fresh`, `set user.email`, `claims`. Empty: the bytes are those that were recorded. */
  readonly changes: readonly string[];
}

/** The token verified when it was recorded, and no app could verify it now. */
export class ReplayNotVerifiedError extends DevhookError {
  override readonly code = "ERR_REPLAY_NOT_VERIFIED";
  readonly id: string;
  constructor({ id }: Delivery, cause: string) {
    super(
      `Failed to replay ${id}: its token does not verify any more: ${cause}. ` +
        "With --fresh (or an edit) it is signed anew with this project's key.",
    );
    this.id = id;
  }
}

/**
 * A new delivery of a recorded one after its one attempt, whatever the app answered.
 * @throws as `createReplay`; nothing is sent then
 * @throws {ReplayNotVerifiedError} `ERR_REPLAY_NOT_VERIFIED`; nothing is sent then
 */
export async function replayDelivery(
  recorded: Delivery,
  edits: ReplayEdits,
  options: ReplayDeliveryOptions,
): Promise<ReplayedDelivery> {
  const { clock, randomBytes, issuer, signingKeys, onChange, onWarning } = options;
  const now = clock.now();
  const signingKey = signingKeys.current();
  const { order, changes } = await createReplay(recorded, edits, {
    now,
    randomBytes,
    signingKey,
    issuer,
    onWarning,
  });
  const verification = changes.length === 0 ? await verifyAgain(recorded, options) : order.verification;
  let delivery = createDelivery({ ...order, verification }, createDeliveryId(randomBytes), now);
  onChange?.(delivery, changes);
  // Once; only of a body that is cut on purpose the whole follows.
  do delivery = await attempt(delivery, options);
  while (delivery.state === "pending");
  onChange?.(delivery, changes);
  return { delivery, changes };
}

async function attempt(delivery: Delivery, options: ReplayDeliveryOptions): Promise<Delivery> {
  const {
    clock,
    signal,
    timeoutMs = defaultTimeoutMs,
    expectedStatus = deliveredStatus,
    isInsecure = false,
  } = options;
  const made = await attemptDelivery(delivery, { plannedDelayMs: 0, clock, timeoutMs, signal, isInsecure });
  return addAttempt(delivery, made, outcomeOf(made, isToBeCut(delivery), expectedStatus, clock));
}

function outcomeOf({ status, error }: Attempt, isHalf: boolean, expected: number, clock: Clock): Outcome {
  if (error?.code === "ERR_ABORTED") return { state: "failed", failedReason: "cancelled" };
  if (isHalf) return { state: "pending", nextAttemptAt: clock.now() };
  return status === expected ? { state: "delivered" } : { state: "failed", failedReason: "not_delivered" };
}

/**
 * By the keys of now. Of a token that never verified nothing is asked: to see it refused again may be what it is sent for.
 * @throws {ReplayNotVerifiedError} `ERR_REPLAY_NOT_VERIFIED`
 */
async function verifyAgain(
  recorded: Delivery,
  { keys, onWarning }: ReplayDeliveryOptions,
): Promise<Verification> {
  const { token, verification } = recorded;
  if (verification.status !== "verified") return verification;
  const verified = await verifyToken(token, keys);
  if (verified.status === "verified") {
    const { kid } = verified;
    return { status: "verified", kid, issuer: keys.issuerOf?.(kid) ?? verification.issuer };
  }
  const { reason, message } = verified;
  const isUnreachable = reason === "ERR_JWKS_UNREACHABLE" || reason === "ERR_JWKS_INVALID";
  if (isUnreachable || (reason === "ERR_UNKNOWN_KID" && isElsewhere(verification.issuer, keys.realIssuer))) {
    const cause = isUnreachable
      ? message
      : `The token is signed with a key of ${verification.issuer}, which is not set as the issuer here (--issuer).`;
    onWarning?.({
      code: "WARN_REPLAY_UNTRIED",
      message: `${cause} Whether it still verifies could not be tried; it is sent as it is.`,
    });
    return verification;
  }
  const cause =
    reason === "ERR_UNKNOWN_KID"
      ? `its key ${verification.kid} is not served any more; it may have been retired`
      : message.replace(/^Failed to verify the token: /, "").replace(/\.$/, "");
  throw new ReplayNotVerifiedError(recorded, cause);
}

/** Whether an issuer is none of ours, and there is none whose keys would tell. */
function isElsewhere(issuer: string, realIssuer: string | undefined): boolean {
  return realIssuer === undefined && URL.canParse(issuer) && !isLoopbackHost(new URL(issuer).hostname);
}

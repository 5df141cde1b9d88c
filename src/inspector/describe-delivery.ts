/** All that there is to say of one delivery. */
import { claimsOf } from "../delivery/claims-of.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { hintFor, signerOf, type HintContext } from "../delivery/hints.ts";
import { asShallowObject, type JsonObject } from "../kinde/json.ts";
import type { RetrySchedule } from "../kinde/retry-schedule.ts";
import { isLoopbackHost } from "../net/loopback.ts";
import type { DeliveryDetail } from "./protocol.ts";
import { createLadder } from "./retry-ladder.ts";

/** What is known beside the record. */
export interface DescribeOptions {
  readonly hintContext: HintContext;
  readonly realIssuer: string | undefined;
  /** The ids of this project's own keys. */
  readonly ownKeyIds: readonly string[];
  /** By which we attempt again ourselves. */
  readonly schedule: RetrySchedule;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function describeDelivery(delivery: Delivery, options: DescribeOptions): DeliveryDetail {
  const signer = findSigner(delivery, options);
  const { schedule, now } = options;
  return {
    delivery,
    header: readHeader(delivery.token),
    claims: claimsOf(delivery) ?? null,
    signer,
    hints: describeAnswers(delivery, options.hintContext),
    ladder: createLadder(delivery, { schedule, now, isKindes: signer === "kinde" }),
  };
}

function findSigner(
  { verification, direction }: Delivery,
  { realIssuer, ownKeyIds }: DescribeOptions,
): DeliveryDetail["signer"] {
  if (verification.status === "unverified") return null;
  const { kid, issuer } = verification;
  if (issuer === realIssuer) return "kinde";
  // A key may have been retired since, and another process have had another port.
  const isOurs = direction === "emitted" || ownKeyIds.includes(kid);
  return isOurs || (URL.canParse(issuer) && isLoopbackHost(new URL(issuer).hostname)) ? "local" : "kinde";
}

function describeAnswers(delivery: Delivery, context: HintContext): DeliveryDetail["hints"] {
  const { verification, attempts, fault, direction, isCopy = false, isShielded = false } = delivery;
  // What a tunnel emits it sends once, too: only what came from Kinde is tried again.
  const isOnce =
    direction === "replayed" || (direction === "emitted" && context.endpointOption === "--forward");
  const unverified = verification.status === "unverified" ? verification.reason : undefined;
  const signer = signerOf(delivery, context.localIssuer);
  // What is wrong with a fault is known: there is nothing to guess.
  if (fault !== undefined) return [];
  return attempts.flatMap((attempt) => {
    if (!URL.canParse(attempt.request.url)) return [];
    const hint = hintFor(attempt, { ...context, isCopy, isShielded, isOnce, unverified, signer });
    return hint === undefined ? [] : [{ number: attempt.number, message: hint.message }];
  });
}

/** What stands before the first dot, read without checking. */
function readHeader(token: string): JsonObject | null {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split(".", 1)[0]!, "base64url").toString());
    return asShallowObject(header) ?? null;
  } catch {
    return null;
  }
}

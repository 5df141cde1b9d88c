/** What of the internet is let in: what the real issuer, or we ourselves, signed as a webhook. */
import type { ReceivedEvent } from "../kinde/events.ts";
import { isEvent } from "../kinde/events.ts";
import { readClaims, verifyToken, type Verification, type VerificationErrorCode } from "../kinde/verify.ts";
import type { BlendedJwks } from "../trust/blended-jwks.ts";

export interface GateOptions {
  readonly trust: Pick<BlendedJwks, "issuer" | "realIssuer" | "issuerOf" | "keyFor">;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Admits events of any age. */
  readonly isOldFine: boolean;
  /** Admits what does not verify. */
  readonly isUnverifiedFine: boolean;
}

/** A webhook that is let in. */
export interface Admitted {
  readonly token: string;
  /** `null` when it is no event, which only an open gate admits. */
  readonly event: ReceivedEvent | null;
  readonly verification: Verification;
}

/** Why a request is not let in; what its sender gets is the status alone. */
export interface Refusal {
  readonly code: VerificationErrorCode | IntakeErrorCode;
  readonly reason: string;
  /** `null` when the connection was ended without an answer. */
  readonly status: 400 | 401 | 404 | 413 | 431 | 503 | null;
}

export type IntakeErrorCode =
  | "ERR_NO_ISSUER"
  | "ERR_NOT_A_WEBHOOK_REQUEST"
  | "ERR_BODY_TOO_LARGE"
  | "ERR_TOO_MANY_REQUESTS"
  | "ERR_REQUEST_TIMEOUT"
  | "ERR_MALFORMED_REQUEST"
  | "ERR_CLOSING"
  | "ERR_NOT_KEPT"
  | "ERR_PAUSED"
  | "ERR_SENDER_GONE";

/** A webhook token never expires; an older event is more likely a replay attack than a retry, which end after 36 h. */
export const maxEventAgeMs: number = 72 * 60 * 60 * 1000;

export type Judgement =
  | ({ readonly isAdmitted: true } & Admitted)
  | ({ readonly isAdmitted: false } & Refusal);

export type Gate = (body: Buffer) => Promise<Judgement>;

export function createGate({ trust, now, isOldFine, isUnverifiedFine }: GateOptions): Gate {
  return async (body) => {
    // One character a byte: nothing that is no ASCII can become a token by being decoded.
    const token = body.toString("latin1");
    const verified = await verifyToken(
      token,
      trust,
      isOldFine ? {} : { maxAge: { limitMs: maxEventAgeMs, now: now() } },
    );
    if (verified.status === "verified") {
      const { kid, event } = verified;
      const issuer = trust.issuerOf(kid);
      return { isAdmitted: true, token, event, verification: { status: "verified", kid, issuer } };
    }
    const { reason, message } = verified;
    if (isUnverifiedFine) {
      const claims = readClaims(token);
      const event = isEvent(claims) ? claims : null;
      return { isAdmitted: true, token, event, verification: { status: "unverified", reason } };
    }
    return { isAdmitted: false, ...refusalFor(reason, message, trust.realIssuer) };
  };
}

function refusalFor(
  code: VerificationErrorCode,
  reason: string,
  realIssuer: string | undefined,
): Pick<Refusal, "code" | "reason" | "status"> {
  if (code === "ERR_JWKS_UNREACHABLE" || code === "ERR_JWKS_INVALID") return { code, reason, status: 503 };
  if (code === "ERR_UNKNOWN_KID" && realIssuer === undefined) {
    return {
      code: "ERR_NO_ISSUER",
      reason:
        "Failed to verify the token: it is not signed with this project's own key, and no issuer is set. " +
        "Tell the tunnel once: --issuer https://acme.kinde.com.",
      status: 503,
    };
  }
  return { code, reason, status: 401 };
}

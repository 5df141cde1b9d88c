import type { VerificationErrorCode } from "../../../kinde/verify.ts";

/** Why a token did not verify, for whoever has not read the code. */
export const unverifiedReasons: Readonly<Record<VerificationErrorCode, string>> = {
  ERR_NOT_A_JWT: "The body is no JWT, so there is no signature to check.",
  ERR_WRONG_ALG: "It is signed with another algorithm than RS256, the only one that Kinde uses.",
  ERR_UNSUPPORTED_HEADER: "Its header demands an extension that Kinde does not use.",
  ERR_MISSING_KID: "Its header names no key, so there is none to check the signature with.",
  ERR_UNKNOWN_KID: "It is signed with a key that is neither Kinde's nor this project's.",
  ERR_BAD_SIGNATURE:
    "The signature does not fit: the token was changed, or signed with another key than it names.",
  ERR_JWKS_UNREACHABLE: "Kinde's keys could not be fetched when it came, so nobody knows.",
  ERR_JWKS_INVALID: "What came in place of Kinde's keys was no JWKS, so nobody knows.",
  ERR_ACCESS_TOKEN:
    "The signature is right, but it is a login token: every user holds one, and it is no webhook.",
  ERR_NOT_AN_EVENT:
    "The signature is right, but the claims are no event: type, event_id, timestamp or data is missing.",
  ERR_EVENT_TOO_OLD: "The signature is right, but the event is older than 72 hours.",
};

/** One row of the table of hints: what came, what else is known, and what that usually means. */
import type { VerificationErrorCode } from "../kinde/verify.ts";
import type { Attempt } from "./delivery.ts";

/** What is known of the app beside its answer. */
export interface HintContext {
  /** The URL that the app should have as its issuer: `http://localhost:4455`. */
  readonly localIssuer: string;
  /** Whether the JWKS was asked for since the issuer is served here; `undefined` when another process serves it. */
  readonly hasFetchedJwks: boolean | undefined;
  readonly expectedStatus: number;
  /** The option that gives the endpoint here. */
  readonly endpointOption: "--to" | "--webhook" | "--forward";
  /** What the app's own variable says, as far as it can be read here. */
  readonly appIssuer?: AppIssuer | undefined;
  /** Whose key signed the event; `undefined` is this project's own. */
  readonly signer?: string | undefined;
  /** The endpoint got a copy, of whose fate the sender does not hear. */
  readonly isCopy?: boolean;
  /** The sender was answered already: it is tried again from here. */
  readonly isShielded?: boolean;
  /** It is sent this once: nobody tries it again, and nothing waits for the app. */
  readonly isOnce?: boolean;
  /** Why the token does not verify, if it was let in all the same. */
  readonly unverified?: VerificationErrorCode | undefined;
}

/** `KINDE_ISSUER_URL`, as it stands in the environment or the project's `.env` files. */
export interface AppIssuer {
  readonly value: string;
  /** How to name the place: `KINDE_ISSUER_URL (.env)`. */
  readonly origin: string;
}

/** What a hint goes by. */
export interface HintFacts {
  readonly attempt: Attempt;
  readonly context: HintContext;
  readonly endpoint: URL;
  /** `null` when no answer came. */
  readonly status: number | null;
  /** What the answer says, without markup. */
  readonly text: string;
}

export interface HintRow {
  readonly name: HintName;
  /** What came, in the README's words: `400`. */
  readonly answer: string;
  /** What it usually means, in the README's words. */
  readonly meaning: string;
  /** A code where the answer deserves a warning of its own. */
  readonly code?: "WARN_NOT_200";
  /** Of an answer that was the expected one; all others are of those that were not. */
  readonly isOfDelivered?: true;
  readonly matches: (facts: HintFacts) => boolean;
  /** What is said. */
  readonly message: (facts: HintFacts) => string;
}

export type HintName =
  | "page"
  | "other-status"
  | "not-200"
  | "slash"
  | "to-https"
  | "redirect"
  | "unverified"
  | "https-only"
  | "issuer-elsewhere"
  | "json-parser"
  | "claim-asked"
  | "header-asked"
  | "key-missing"
  | "bad-request"
  | "not-allowed"
  | "no-route"
  | "no-post"
  | "body-timeout"
  | "too-large"
  | "media-type"
  | "body-schema"
  | "upgrade"
  | "too-many"
  | "no-post-at-all"
  | "proxy"
  | "failed"
  | "refused"
  | "no-host"
  | "timeout"
  | "cut-answer"
  | "closed"
  | "tls"
  | "no-http"
  | "large-answer";

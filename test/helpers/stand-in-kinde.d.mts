import type { JsonWebKey } from "node:crypto";
import type { OutgoingHttpHeaders } from "node:http";
import type { PublicAnswer } from "./request-public.mjs";

/** What the JWKS is answered with: the keys, none, a page, a 500, or nothing at all. */
export type JwksMode = "jwks" | "empty" | "html" | "error" | "never";

export interface StandInKinde extends AsyncDisposable {
  /** `http://localhost:<port>`. */
  readonly issuer: string;
  readonly port: number;
  /** The paths asked for, in order. */
  readonly requests: readonly string[];
  /** The key id that tokens are signed with now: the newest that is not retired. */
  readonly kid: string;
  answerJwksWith(mode: JwksMode): void;
  /** Adds a signing key and signs with it from now on; the old ones stay in the JWKS. Returns its key id. */
  rotate(): Promise<string>;
  /** Takes a key out of the JWKS. `signClaims` can still be told to sign with it. */
  retire(kid: string): void;
  /**
   * The token of a sample event that happens now.
   * @param overrides laid over the claims, whole: `data` replaces `data`; `undefined` leaves a claim out
   */
  signWebhook(type: string, overrides?: object): string;
  /**
   * Any claims, signed.
   * @param options `header` is laid over Kinde's own, `kid` says which key signs
   */
  signClaims(claims: object, options?: { readonly header?: object; readonly kid?: string }): string;
  /** What every user of the tenant holds after a login. */
  accessToken(overrides?: object): string;
  idToken(overrides?: object): string;
  /** What client credentials get. */
  m2mToken(overrides?: object): string;
  /** Posts a token as Kinde does; `headers` are laid over Kinde's own. Rejects without an answer in 20 s. */
  deliver(
    publicUrl: string | URL,
    token: string,
    options?: { readonly webhookId?: string; readonly headers?: OutgoingHttpHeaders },
  ): Promise<PublicAnswer>;
  stop(): Promise<void>;
}

export interface StandInKindeOptions {
  /** Default: any free one. */
  readonly port?: number;
  /** A key to begin with; making one takes 0.1 s and more. Its key id is new all the same. */
  readonly privateJwk?: JsonWebKey;
}

export function startStandInKinde(options?: StandInKindeOptions): Promise<StandInKinde>;

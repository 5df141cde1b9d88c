/** Tokens as an attacker writes them: any header, any claims, any key. */
import { sign, type KeyObject } from "node:crypto";
import { signingKey } from "../helpers/keys.ts";

export interface CraftOptions {
  /** An object, or the text as it stands. */
  readonly header?: object | string;
  /** An object, or the text or bytes as they stand. */
  readonly claims?: unknown;
  /** What signs with RS256, or a signer of another kind. */
  readonly key?: KeyObject | ((input: Buffer) => Buffer);
}

export const rs256Header: { readonly alg: string; readonly kid: string; readonly typ: string } = {
  alg: "RS256",
  kid: signingKey.kid,
  typ: "JWT",
};

export function craftToken({
  header = rs256Header,
  claims = {},
  key = signingKey.privateKey,
}: CraftOptions): string {
  const input = `${encode(header)}.${encode(claims)}`;
  const bytes = Buffer.from(input);
  const signature = typeof key === "function" ? key(bytes) : sign("sha256", bytes, key);
  return `${input}.${signature.toString("base64url")}`;
}

/** The JSON of a token's part: 0 the header, 1 the claims. */
export function decodePart(token: string, part: 0 | 1): string {
  return Buffer.from(token.split(".")[part] ?? "", "base64url").toString();
}

function encode(part: unknown): string {
  if (Buffer.isBuffer(part)) return part.toString("base64url");
  return Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");
}

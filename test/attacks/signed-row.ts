/** Rows whose token has a header of its own, over an event that happens now. */
import type { KeyObject } from "node:crypto";
import { foreignKey } from "../helpers/keys.ts";
import { craftToken } from "../kinde/craft-token.ts";
import { requestBytes, sampleEvent, type Attack } from "./attack.ts";
import type { Surroundings } from "./scene.ts";

export type Signer = KeyObject | ((input: Buffer) => Buffer);

/** The key of the real issuer: what it signs is right, unless its header is wrong. */
export const realKey: KeyObject = foreignKey.privateKey;

export const noSignature: Signer = () => Buffer.alloc(0);

/** A row whose token has this header, beside the right key id. */
export function signedRow(
  name: string,
  header: (surroundings: Surroundings) => object,
  key: Signer,
  code: Attack["code"],
): Attack {
  return {
    name,
    bytes: (surroundings) =>
      requestBytes({
        body: craftToken({
          header: { alg: "RS256", kid: surroundings.kinde.kid, typ: "JWT", ...header(surroundings) },
          claims: sampleEvent(),
          key,
        }),
      }),
    code,
    status: 401,
  };
}

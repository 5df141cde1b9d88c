import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { startIssuer, type Issuer, type IssuerOptions } from "../../src/issuer/server.ts";
import { signingKeys } from "../helpers/keys.ts";

export const controlToken = "control-token-of-this-run";
export const authorization: string = `Bearer ${controlToken}`;

/** A local issuer on a free port, closed at the end of the block. */
export async function startTestIssuer(
  control: Partial<IssuerOptions["control"]> = {},
): Promise<Issuer & AsyncDisposable> {
  const keys = control.keys ?? signingKeys;
  const issuer = await startIssuer({
    port: 0,
    jwks: keys.jwks,
    control: {
      project: "/project/.kinde-devhook",
      token: controlToken,
      keys,
      history: createMemoryHistory(),
      ...control,
    },
  });
  return { ...issuer, [Symbol.asyncDispose]: () => issuer.close() };
}

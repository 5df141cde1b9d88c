import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { startIssuer, type Issuer } from "../../src/issuer/server.ts";
import { signingKey } from "../helpers/keys.ts";

/** The local issuer with our signing key, on a free port; closed at the end of the block. */
export async function openIssuer(): Promise<Issuer & AsyncDisposable> {
  const jwks = { keys: [signingKey.publicJwk] };
  const issuer = await startIssuer({
    port: 0,
    jwks: () => jwks,
    control: { project: "project", token: "token", keyIds: [signingKey.kid], history: createMemoryHistory() },
  });
  return { ...issuer, [Symbol.asyncDispose]: () => issuer.close() };
}

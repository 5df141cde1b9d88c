import { createPublicKey, type JsonWebKey } from "node:crypto";
import { createVerifier } from "fast-jwt";
import { installed, verifierOf, type Client } from "./client.ts";

export const fastJwt: Client = {
  name: "fast-jwt",
  packages: installed("fast-jwt"),
  call: "createVerifier({ key: async ({ header }) => pem })",
  jwksPath: "/.well-known/jwks.json",
  refusals: { badSignature: /^FAST_JWT_INVALID_SIGNATURE/, unknownKey: /^FAST_JWT_KEY_FETCHING_ERROR/ },
  open: (issuer) => {
    const pems = new Map<string, string>();
    const verify = createVerifier({
      algorithms: ["RS256"],
      key: async ({ header }: { header: Record<string, unknown> }) => {
        const kid = String(header["kid"]);
        const pem = pems.get(kid) ?? (await fetchPem(issuer, kid));
        pems.set(kid, pem);
        return pem;
      },
    });
    return verifierOf((token) => verify(token));
  },
};

/** It brings no reader of JWKS: what people put beside it does this. */
async function fetchPem(issuer: string, kid: string): Promise<string> {
  const response = await fetch(`${issuer}/.well-known/jwks.json`);
  const { keys } = (await response.json()) as { readonly keys: readonly (JsonWebKey & { kid: string })[] };
  const key = keys.find((member) => member.kid === kid);
  if (key === undefined) throw new Error(`no key ${kid}`);
  return createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" }).toString();
}

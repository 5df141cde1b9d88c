import { createRemoteJWKSet, jwtVerify } from "jose";
import { installed, verifierOf, type Client } from "./client.ts";

export const jose: Client = {
  name: "jose",
  packages: installed("jose"),
  call: "jwtVerify(token, createRemoteJWKSet(url))",
  jwksPath: "/.well-known/jwks",
  refusals: {
    badSignature: /^ERR_JWS_SIGNATURE_VERIFICATION_FAILED/,
    unknownKey: /^ERR_JWKS_NO_MATCHING_KEY/,
  },
  open: (issuer) => {
    const jwks = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks`));
    return verifierOf(async (token) => {
      const { payload } = await jwtVerify(token, jwks, { algorithms: ["RS256"] });
      return payload;
    });
  },
};

import jwt from "jsonwebtoken";
import jwksClient from "jwks-rsa";
import { installed, verifierOf, type Client } from "./client.ts";

export const jwksRsa: Client = {
  name: "jwks-rsa + jsonwebtoken",
  packages: installed("jwks-rsa", "jsonwebtoken"),
  call: "getSigningKey(kid), jwt.verify(token, key)",
  jwksPath: "/.well-known/jwks",
  refusals: {
    badSignature: /^JsonWebTokenError: invalid signature$/,
    unknownKey: /^SigningKeyNotFoundError/,
  },
  open: (issuer) => {
    const client = jwksClient({ jwksUri: `${issuer}/.well-known/jwks` });
    return verifierOf(async (token) => {
      const { header } = jwt.decode(token, { complete: true })!;
      const key = await client.getSigningKey(header.kid);
      return jwt.verify(token, key.getPublicKey(), { algorithms: ["RS256"] });
    });
  },
};

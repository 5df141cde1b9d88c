import { validateToken } from "@kinde/jwt-validator";
import { decodeJwt } from "jose";
import { installed, verifierOf, type Client } from "./client.ts";

export const kindeJwtValidator: Client = {
  name: "@kinde/jwt-validator",
  packages: installed("@kinde/jwt-validator"),
  call: "validateToken({ token, domain })",
  jwksPath: "/.well-known/jwks.json",
  refusals: { badSignature: /Signature verification failed/, unknownKey: /JWK not found/ },
  open: (domain) =>
    verifierOf(async (token) => {
      const { valid, message } = await validateToken({ token, domain });
      if (!valid) throw new Error(message);
      // It says yes or no; the claims are read beside it.
      return decodeJwt(token);
    }),
};

import { decodeWebhook } from "@kinde/webhooks";
import { installed, verifierOf, type Client } from "./client.ts";

export const kindeWebhooks: Client = {
  name: "@kinde/webhooks",
  packages: installed("@kinde/webhooks"),
  call: "decodeWebhook(token, issuer)",
  jwksPath: "/.well-known/jwks.json",
  // It gives no reason, so that a refusal says something only beside a token that it accepts.
  refusals: { badSignature: /null$/, unknownKey: /null$/ },
  open: (issuer) =>
    verifierOf(async (token) => {
      const event = await decodeWebhook(token, issuer);
      if (event === null) throw new Error("null");
      return event;
    }),
};

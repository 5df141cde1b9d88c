import { createEvent, createSigningKey, signEvent } from "../../dist/index.js";

// `crypto.sign` works on as many threads as libuv has: four.
const concurrency = 8;

/** Webhook tokens of one issuer, each of an event of its own, and the JWKS that verifies them. */
export async function createTokens(total) {
  const key = await createSigningKey();
  const tokens = [];
  const signSome = async () => {
    while (tokens.length < total) {
      const index = tokens.push(undefined) - 1;
      const event = createEvent("user.created");
      tokens[index] = Buffer.from(await signEvent(event, key));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, signSome));
  return { tokens, jwks: JSON.stringify({ keys: [key.publicJwk] }) };
}

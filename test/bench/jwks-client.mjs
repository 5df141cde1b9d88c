import { once } from "node:events";
import { get } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";

const host = "127.0.0.1";
const pauseMs = 1;

/** The path of Kinde's JWKS, and ours. */
export const jwksPath = "/.well-known/jwks";

/** Knocks until the server answers. @returns the body of its answer */
export async function waitForJwks(port, signal, path = jwksPath) {
  for (;;) {
    signal.throwIfAborted();
    try {
      const [response] = await once(get({ host, port, path, agent: false }), "response");
      return await text(response);
    } catch {
      // Nobody listens yet. Knocking without a pause would take from the server the processor that it starts on.
      await setTimeout(pauseMs);
    }
  }
}

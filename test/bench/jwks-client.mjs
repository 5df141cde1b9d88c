import { once } from "node:events";
import { get } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

const path = "/.well-known/jwks";

/** Knocks until the server answers. @returns the answer's body */
export async function waitForJwks(port, signal) {
  for (;;) {
    signal.throwIfAborted();
    try {
      const [response] = await once(get({ port, path, host: "127.0.0.1", agent: false }), "response");
      return await text(response);
    } catch {
      // Nobody listens yet.
    }
  }
}

/**
 * Asks over so many kept connections, one request at a time on each. On node:net, with a minimum of reading:
 * a client that costs more than the servers would make them look alike.
 * @returns answers per second
 */
export async function measureLoad(port, { connections, total, answerBytes }) {
  let left = total;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const connection = connect({ port, host: "127.0.0.1", noDelay: true });
      await once(connection, "connect");
      while (left-- > 0) await ask(connection, answerBytes);
      connection.destroy();
    }),
  );
  return (total * 1000) / (performance.now() - startedAt);
}

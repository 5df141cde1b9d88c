import type { IncomingMessage, ServerResponse } from "node:http";
import { settleWithin, systemClock } from "../delivery/clock.ts";
import { refuse } from "./refuse.ts";

/** Processes that share the issuer wait here for its end, to serve in its place. */
export interface Followers {
  /** Keeps a request open until the end. */
  follow(request: IncomingMessage, response: ServerResponse): void;
  /** Tells all of them, and waits until they have hung up. */
  release(timeoutMs: number): Promise<void>;
}

export function createFollowers(): Followers {
  const waiting = new Set<{ response: ServerResponse; gone: Promise<void> }>();
  let isReleasing = false;
  return {
    follow: (request, response) => {
      // Who came now would not be waited for. It asks again, and meets whoever serves next.
      if (isReleasing) {
        const message = "The local issuer is about to stop serving here.";
        refuse(response, { status: 503, code: "ERR_ISSUER_CLOSING", message });
        return;
      }
      const gone = new Promise<void>((resolve) => request.socket.once("close", () => resolve()));
      const follower = { response, gone };
      waiting.add(follower);
      void gone.then(() => waiting.delete(follower));
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
    },
    release: async (timeoutMs) => {
      isReleasing = true;
      const left = [...waiting].map(({ response, gone }) => {
        // The first byte of the body says "closing"; the follower hangs up once nothing of its own relies on us.
        response.write("{}");
        return gone;
      });
      await settleWithin(left, timeoutMs, systemClock);
    },
  };
}

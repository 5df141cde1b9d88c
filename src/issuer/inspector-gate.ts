/** Which requests are the inspector's, and who may have them. The inspector itself is loaded at the first of them. */
import type { IncomingMessage, RequestListener } from "node:http";
import type { Duplex } from "node:stream";
import { hasLoopbackHost, hasOwnOrigin, hasTokenAsSubprotocol } from "./guard.ts";
import { loadOnce } from "./load-once.ts";
import { foreignHost, foreignOrigin, refuse, refuseUpgrade, type Refusal } from "./refuse.ts";
import { pathOf } from "./request-path.ts";

/** The page with what it is made of, and its live feed. */
export interface InspectorHandler {
  readonly answer: RequestListener;
  /** Takes over a connection that may have the live feed. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends the live feeds. */
  close(): void;
}

export interface InspectorGate {
  /** Whether a path is the inspector's: all under `/_devhook` that is not the control API's. */
  has(path: string): boolean;
  readonly answer: RequestListener;
  /** Whether a request is one for the live feed. */
  isLive(request: IncomingMessage): boolean;
  /** Lets the live feed have a connection, or refuses it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends all that was upgraded. */
  close(): void;
}

const livePath = "/_devhook/live";

/** @param token the control token */
export function createInspectorGate(load: () => Promise<InspectorHandler>, token: string): InspectorGate {
  const upgraded = new Set<Duplex>();
  let loaded: InspectorHandler | undefined;
  let isClosed = false;
  const handler = loadOnce(async () => (loaded = await load()));
  const handOver = async (
    ...[request, socket, head]: Parameters<InspectorHandler["upgrade"]>
  ): Promise<void> => {
    const inspector = await handler();
    if (isClosed) socket.destroy();
    else inspector.upgrade(request, socket, head);
  };
  return {
    has: (path) => /^\/_devhook(?!\/api(?:\/|$)|\/openapi\.json$)(?:\/|$)/.test(path),
    answer: (request, response) => {
      if (!hasOwnOrigin(request)) {
        refuse(response, foreignOrigin);
        return;
      }
      handler().then(
        ({ answer }) => answer(request, response),
        (error: unknown) => refuse(response, internal(error)),
      );
    },
    isLive: (request) =>
      pathOf(request) === livePath && request.headers.upgrade?.toLowerCase() === "websocket",
    upgrade: (request, socket, head) => {
      // It is no connection of the server's any more, and would outlive it.
      upgraded.add(socket);
      socket.on("close", () => upgraded.delete(socket)).on("error", () => socket.destroy());
      const refusal = judgeUpgrade(request, token);
      if (refusal !== undefined) {
        refuseUpgrade(socket, refusal);
        return;
      }
      handOver(request, socket, head).catch((error: unknown) => refuseUpgrade(socket, internal(error)));
    },
    close: () => {
      isClosed = true;
      loaded?.close();
      // Who does not read would never hear of an end that waits for it.
      for (const socket of upgraded) socket.destroy();
    },
  };
}

function judgeUpgrade(request: IncomingMessage, token: string): Refusal | undefined {
  if (!hasLoopbackHost(request)) return foreignHost;
  if (!hasOwnOrigin(request)) return foreignOrigin;
  if (hasTokenAsSubprotocol(request, token)) return undefined;
  return {
    status: 401,
    code: "ERR_CONTROL_TOKEN",
    message:
      "The live feed needs the subprotocols kinde-devhook and the control token of the process that runs now.",
  };
}

function internal(error: unknown): Refusal {
  return {
    status: 500,
    code: "ERR_INTERNAL",
    message: error instanceof Error ? error.message : String(error),
  };
}

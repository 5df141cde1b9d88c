/** The live feed of the inspector's page: how the process is, the deliveries there are, and each change of them. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Clock } from "../delivery/clock.ts";
import { servePage, type LivePage, type LiveSource } from "./live-page.ts";

export interface LiveFeed {
  /** Takes over a connection that was found to be allowed. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tells the pages that nothing more comes. */
  close(): void;
}

export interface LiveFeedOptions {
  readonly clock: Clock;
  /** How often a page is asked whether it is still there, in milliseconds. Default 15 s. */
  readonly heartbeatMs?: number;
}

const defaultHeartbeatMs = 15_000;
// A page has nothing to say.
const maxPayload = 256;
// Beyond, somebody has forgotten to close them; each holds what it is sent.
const maxPages = 32;
/** RFC 6455, section 7.4.1, and 1013 of its registry. */
const closing = { goingAway: 1001, policy: 1008, tryLater: 1013 } as const;

export function createLiveFeed(source: LiveSource, options: LiveFeedOptions): LiveFeed {
  const { clock, heartbeatMs = defaultHeartbeatMs } = options;
  const pages = new Set<LivePage>();
  const server = new WebSocketServer({
    noServer: true,
    maxPayload,
    clientTracking: false,
    perMessageDeflate: false,
    // The other one on offer is the token.
    handleProtocols: () => "kinde-devhook",
  });
  return {
    upgrade: (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (connection) => {
        // What it says against the protocol, or that it is gone: it closes by itself.
        connection.on("error", () => {});
        if (pages.size >= maxPages) {
          connection.close(closing.tryLater, `${maxPages} pages are open already`);
          return;
        }
        connection.on("message", () => connection.close(closing.policy, "nothing is to be said here"));
        try {
          const page = servePage(connection, source, { clock, heartbeatMs });
          pages.add(page);
          connection.on("close", () => pages.delete(page));
        } catch {
          // A history that can't be read: the page comes again.
          connection.terminate();
        }
      }),
    close: () => {
      for (const page of pages) page.close(closing.goingAway);
    },
  };
}

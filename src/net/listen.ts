/** Listening on loopback, both families on one port: `localhost` is one or the other. */
import type { Server } from "node:http";
import { once } from "node:events";
import { nextTurn } from "./next-turn.ts";
import type { AddressInfo } from "node:net";

export interface LoopbackServer {
  readonly port: number;
  readonly servers: readonly Server[];
  /** Stops listening and ends every connection at once. */
  close(): Promise<void>;
}

/** Another socket has the port. */
export class PortInUseError extends Error {
  readonly port: number;
  constructor(port: number) {
    super(`port ${port} is in use`);
    this.port = port;
  }
}

const triesForFreePort = 20;

/**
 * Listens on 127.0.0.1 and, where this machine has it, on ::1.
 * @param port 0 for any that is free in both families
 * @param createServer called for each family
 * @throws {PortInUseError}
 */
export async function listenOnLoopback(port: number, createServer: () => Server): Promise<LoopbackServer> {
  for (let tries = 1; ; tries++) {
    const ipv4 = await listen(createServer(), port, "127.0.0.1");
    const boundPort = (ipv4.address() as AddressInfo).port;
    // Who has waited for this is answered before the rest is set up: the other family alone takes milliseconds.
    await nextTurn();
    try {
      const ipv6 = await listen(createServer(), boundPort, "::1");
      return handleOf([ipv4, ipv6], boundPort);
    } catch (error) {
      if (isMissingFamily(error)) return handleOf([ipv4], boundPort);
      await closeServer(ipv4);
      const isOtherFree = error instanceof PortInUseError && port === 0 && tries < triesForFreePort;
      if (!isOtherFree) throw error;
    }
  }
}

async function listen(server: Server, port: number, host: string): Promise<Server> {
  server.listen({ port, host, exclusive: true });
  try {
    await once(server, "listening");
  } catch (error) {
    if (errorCode(error) === "EADDRINUSE") throw new PortInUseError(port);
    throw error;
  }
  return server;
}

function handleOf(servers: readonly Server[], port: number): LoopbackServer {
  return {
    port,
    servers,
    close: async () => {
      await Promise.all(servers.map(closeServer));
    },
  };
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

function isMissingFamily(error: unknown): boolean {
  return ["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"].includes(errorCode(error) ?? "");
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

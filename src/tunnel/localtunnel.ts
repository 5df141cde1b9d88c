/** A tunnel through a localtunnel server: our own registration, the package's data plane. */
import type { Clock } from "../delivery/clock.ts";
import { requestTunnel, type Grant } from "./localtunnel-api.ts";
import { openTunnelSockets } from "./localtunnel-sockets.ts";
import { TunnelError, type TunnelProvider } from "./tunnel.ts";

export interface LocaltunnelOptions {
  /** The localtunnel server. */
  readonly host: URL;
  readonly subdomain: string;
  /** Takes another name when this one is not to be had. */
  readonly isAnyNameFine: boolean;
  readonly clock: Clock;
}

const triesForName = 4;

export function createLocaltunnel(options: LocaltunnelOptions): TunnelProvider {
  const { host, clock, isAnyNameFine } = options;
  let { subdomain } = options;
  let timesTaken = 0;
  return {
    name: host.host,
    address: host,
    open: async (localPort, signal) => {
      const grant = await requestTunnel(host, subdomain, signal);
      signal.throwIfAborted();
      // A taken name is answered with another one, as if nothing were amiss. Kinde would go on calling the old URL.
      // Even where any name is fine ours is better: a tunnel that has just stopped holds it for a second more.
      const isTaken = grant.id !== subdomain;
      if (isTaken && (!isAnyNameFine || ++timesTaken < triesForName)) throw subdomainTaken(subdomain, host);
      const sockets = openTunnelSockets({
        address: grant.address,
        count: grant.maxConnections,
        localPort,
        clock,
      });
      const abort = (): void => sockets.close();
      signal.addEventListener("abort", abort, { once: true });
      try {
        await sockets.opened;
      } catch (error) {
        sockets.close();
        signal.throwIfAborted();
        throw unreachable(grant, error);
      } finally {
        signal.removeEventListener("abort", abort);
      }
      // Under this name the way back is asked for.
      subdomain = grant.id;
      timesTaken = 0;
      const { lost, finish, close } = sockets;
      const { publicUrl, id: name, maxConnections: connections } = grant;
      return { publicUrl, name, connections, lost, finish, close };
    },
  };
}

function subdomainTaken(subdomain: string, host: URL): TunnelError {
  return new TunnelError(
    "ERR_SUBDOMAIN_TAKEN",
    `the name ${subdomain} is taken at ${host.host}`,
    "Is another tunnel of yours running under it? Else choose another name: --subdomain NAME; or another server: --host URL; " +
      "or --any-subdomain to take what is given (and tell Kinde the new URL).",
    { isPassing: true },
  );
}

function unreachable({ address }: Grant, error: unknown): TunnelError {
  return new TunnelError(
    "ERR_TUNNEL_UNREACHABLE",
    `${address.host} granted a tunnel, but its port ${address.port} can't be reached (${error instanceof Error ? error.message : String(error)})`,
    "Does a firewall allow outgoing connections to high ports? Try another network, or another tunnel: --public-url.",
    { isPassing: true },
  );
}

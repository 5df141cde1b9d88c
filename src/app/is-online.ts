/** Whether this machine can reach anything: to tell a service that is down from a network that is. */
import { networkInterfaces } from "node:os";
import { acceptsConnections } from "../net/connect.ts";
import { isLoopbackHost } from "../net/loopback.ts";

const connectTimeoutMs = 1_000;

/**
 * @param service what can't be reached; one on this machine needs no network
 * @param other what else should be reachable, the issuer
 * @returns `undefined` when nobody can tell
 */
export async function isOnline(
  service: URL | undefined,
  other: string | undefined,
): Promise<boolean | undefined> {
  if (service !== undefined && isLoopbackHost(service.hostname)) return true;
  const isConnected = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ internal }) => !internal),
  );
  if (!isConnected) return false;
  if (other === undefined || isLoopbackHost(new URL(other).hostname)) return undefined;
  return await acceptsConnections(new URL(other), connectTimeoutMs);
}

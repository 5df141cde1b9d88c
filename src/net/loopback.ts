/** This machine's own names and addresses: RFC 6761 (`localhost`), both loopback families. */
import { lookup, type LookupAddress } from "node:dns";
import { getDefaultAutoSelectFamilyAttemptTimeout, isIP, type LookupFunction } from "node:net";
import { platform } from "node:os";

/** True for `localhost`, `*.localhost`, 127.0.0.0/8 and ::1, with or without brackets. */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) === 4) return host.startsWith("127.");
  return host === "::1" || host === "localhost" || host.endsWith(".localhost");
}

/**
 * A `lookup` for sockets that knows `localhost` and `*.localhost` as 127.0.0.1 and ::1, in that order.
 * Resolvers differ: some give one family only, many do not know `*.localhost` at all.
 */
export const lookupWithLoopback: LookupFunction = (hostname, options, callback) => {
  if (!isLoopbackHost(hostname)) {
    lookup(hostname, options, callback);
    return;
  }
  const addresses: LookupAddress[] = [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ].filter(({ family }) => !options.family || options.family === family);
  // A socket waits for a later turn even when the answer is at hand.
  queueMicrotask(() => {
    if (options.all) callback(null, addresses);
    else callback(null, addresses[0]?.address ?? "127.0.0.1", addresses[0]?.family ?? 4);
  });
};

// Node gives up an address after 250 ms, also while this process stands still, and has what listens at 127.0.0.1 looked
// for at ::1 alone. On loopback an address is taken or refused at once; Windows alone refuses after two seconds.
const loopbackAttemptMs = platform() === "win32" ? getDefaultAutoSelectFamilyAttemptTimeout() : 10_000;

/** How a socket finds a host, and how long it tries one address of it before the next, in milliseconds. */
export function addressOptions(hostname: string): {
  readonly lookup: LookupFunction;
  readonly autoSelectFamilyAttemptTimeout: number;
} {
  return {
    lookup: lookupWithLoopback,
    autoSelectFamilyAttemptTimeout: isLoopbackHost(hostname)
      ? loopbackAttemptMs
      : getDefaultAutoSelectFamilyAttemptTimeout(),
  };
}

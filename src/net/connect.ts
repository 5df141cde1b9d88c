import { connect } from "node:net";
import { abortListenersOf } from "./abort-listeners.ts";
import { addressOptions } from "./loopback.ts";

/**
 * Whether something accepts connections at a URL's host and port. Nothing is sent.
 * @param signal ends a try under way, as if nothing did
 */
export async function acceptsConnections(
  url: URL,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return await new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      ...addressOptions(host),
      autoSelectFamily: true,
      timeout: timeoutMs,
    });
    const end = (accepted: boolean): void => {
      listeners?.delete(onAbort);
      socket.destroy();
      resolve(accepted);
    };
    const onAbort = (): void => end(false);
    // The socket's own option would leave a listener behind for each try.
    const listeners = signal === undefined ? undefined : abortListenersOf(signal).add(onAbort);
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}

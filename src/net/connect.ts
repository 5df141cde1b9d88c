import { connect } from "node:net";
import { lookupWithLoopback } from "./loopback.ts";

/** Whether something accepts connections at a URL's host and port. Nothing is sent. */
export async function acceptsConnections(url: URL, timeoutMs: number): Promise<boolean> {
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return await new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      lookup: lookupWithLoopback,
      autoSelectFamily: true,
      timeout: timeoutMs,
    });
    const end = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}

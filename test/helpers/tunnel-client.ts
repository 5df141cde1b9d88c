/** The data plane of the localtunnel client as it is published, to test the servers that stand behind a tunnel. */
import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { requestPublic } from "./request-public.mjs";

interface TunnelCluster extends EventEmitter {
  open(): void;
}

const TunnelCluster = createRequire(import.meta.url)("localtunnel/lib/TunnelCluster.js") as new (
  options: object,
) => TunnelCluster;

export interface TunnelClient extends Disposable {
  /** The name that was granted. */
  readonly name: string;
  readonly publicUrl: string;
}

/** Registers a name and carries what comes for it to a local port; a socket that ends is opened anew. */
export async function openTunnelClient(
  serverUrl: string,
  name: string,
  localPort: number,
): Promise<TunnelClient> {
  const { body } = await requestPublic(`${serverUrl}/${name}`);
  const granted = JSON.parse(body) as { id: string; port: number; max_conn_count: number; url: string };
  const sockets = new Set<Socket>();
  const cluster = new TunnelCluster({
    remote_host: new URL(serverUrl).hostname,
    remote_port: granted.port,
    local_port: localPort,
  });
  let isClosed = false;
  cluster.on("open", (socket: Socket) => {
    if (isClosed) socket.destroy();
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  cluster.on("dead", () => {
    if (!isClosed) cluster.open();
  });
  cluster.on("error", () => {});
  for (let count = 0; count < granted.max_conn_count; count++) cluster.open();
  return {
    name: granted.id,
    publicUrl: granted.url,
    [Symbol.dispose]: () => {
      isClosed = true;
      for (const socket of sockets) socket.destroy();
    },
  };
}

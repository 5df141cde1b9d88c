/** A real localtunnel server that can be killed and started again on its port. */
import { findFreePort } from "../helpers/free-port.ts";
import { startLocaltunnelServer, type LocaltunnelServer } from "../helpers/localtunnel-server.mjs";

export interface RestartableServer extends AsyncDisposable {
  /** `http://localhost:<port>`. */
  readonly url: string;
  readonly port: number;
  kill(): Promise<void>;
  /** Resolves when it answers. It knows no name any more. */
  start(): Promise<void>;
  /** From now on it does nothing, and its connections stay open. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

export async function startRestartableServer(): Promise<RestartableServer> {
  const port = await findFreePort();
  let server: LocaltunnelServer = await startLocaltunnelServer({ port });
  const { url } = server;
  return {
    url,
    port,
    kill: () => server.kill(),
    start: async () => {
      server = await startLocaltunnelServer({ port });
    },
    freeze: () => server.kill("SIGSTOP"),
    thaw: () => server.kill("SIGCONT"),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

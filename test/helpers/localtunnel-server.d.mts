export { requestPublic } from "./request-public.mjs";

export interface LocaltunnelServer extends AsyncDisposable {
  /** `http://localhost:<port>`: where names are registered. Public URLs are `http://<name>.localhost:<port>`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Sends a signal, SIGKILL without one; resolves when the process has ended, at once for SIGSTOP and SIGCONT. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends the process, whatever became of it. */
  stop(): Promise<void>;
}

/** The open-source localtunnel server on loopback, in a process of its own; on any free port without one. */
export function startLocaltunnelServer(options?: { readonly port?: number }): Promise<LocaltunnelServer>;

/** The data plane of the package localtunnel, which has no types of its own; only what is used here. */
declare module "localtunnel/lib/TunnelCluster.js" {
  import type { EventEmitter } from "node:events";

  export interface TunnelClusterOptions {
    readonly remote_ip: string;
    readonly remote_port: number;
    readonly local_port: number;
  }

  /** Emits `error` when a connection is refused; says nothing of other failures. */
  export default class TunnelCluster extends EventEmitter {
    constructor(options: TunnelClusterOptions);
    /** Opens one connection to the server and pipes what it sends to the local port. */
    open(): void;
  }
}

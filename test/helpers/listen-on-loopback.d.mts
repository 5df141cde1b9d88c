import type { Server } from "node:net";

export interface LoopbackListener {
  readonly port: number;
  /**
   * Stops listening at once; connections of HTTP are cut, plain ones are left to their owner.
   * Resolves when the last has ended.
   */
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 and, where this machine has it, on ::1; 0 is a port that is free in both. */
export function listenOnLoopback(port: number, createServer: () => Server): Promise<LoopbackListener>;

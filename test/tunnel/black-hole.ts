import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

/** A port on 127.0.0.1 at which connections are neither taken nor refused. */
export interface BlackHole extends AsyncDisposable {
  readonly port: number;
}

// The system queues two connections for a listener that never takes one, and lets the next knock in vain.
const listener = `
  const { createServer } = require("node:net");
  const { parentPort, workerData } = require("node:worker_threads");
  const server = createServer(() => {});
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(workerData), 0, 0));
  });
`;
const queued = 2;

export async function openBlackHole(): Promise<BlackHole> {
  const gate = new SharedArrayBuffer(4);
  const worker = new Worker(listener, { eval: true, workerData: gate });
  const [port] = (await once(worker, "message")) as [number];
  const fillers: Socket[] = [];
  for (let count = 0; count < queued; count++) {
    const filler = connect(port, "127.0.0.1").on("error", () => {});
    fillers.push(filler);
    await once(filler, "connect");
  }
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const filler of fillers) filler.destroy();
      const view = new Int32Array(gate);
      Atomics.store(view, 0, 1);
      Atomics.notify(view, 0);
      await worker.terminate();
    },
  };
}

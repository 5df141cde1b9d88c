import { once } from "node:events";
import { createServer } from "node:net";

// Below what systems hand out by themselves: a connection anywhere would else take a port between our asking and its use.
// Above the last of those that browsers and fetch refuse: 10080.
const firstPort = 11_000;
const portsPerWorker = 1_000;
const workers = 20;

const worker = Number(process.env["VITEST_POOL_ID"] ?? 0) % workers;
let next = Math.floor(Math.random() * portsPerWorker);

/** A port that nobody listens on, and that no test beside this one is given. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = firstPort + worker * portsPerWorker + (next++ % portsPerWorker);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

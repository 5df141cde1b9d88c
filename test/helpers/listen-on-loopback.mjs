// What the far side of the network listens with, in tests and the demo: loopback alone, both families on one port,
// since `localhost` is one or the other.
import { once } from "node:events";

const triesForFreePort = 50;

/**
 * Listens on 127.0.0.1 and, where this machine has it, on ::1.
 * @param {number} port 0 for one that is free in both families
 * @param {() => import("node:net").Server} createServer makes one server, not listening; called once for each family
 */
export async function listenOnLoopback(port, createServer) {
  for (let tries = 1; ; tries++) {
    const servers = [];
    try {
      servers.push(await listen(createServer(), port === 0 ? randomPort() : port, "127.0.0.1"));
      try {
        servers.push(await listen(createServer(), servers[0].address().port, "::1"));
      } catch (error) {
        if (!["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"].includes(error.code)) throw error;
      }
      let closing;
      return { port: servers[0].address().port, close: () => (closing ??= closeAll(servers)) };
    } catch (error) {
      await closeAll(servers);
      if (port !== 0 || error.code !== "EADDRINUSE" || tries === triesForFreePort) throw error;
    }
  }
}

// Below the ports that systems give to outgoing connections: there a client that dials a closed port again and again
// can, by chance, connect to itself.
function randomPort() {
  return 20_000 + Math.floor(Math.random() * 10_000);
}

async function listen(server, port, host) {
  server.listen({ port, host, exclusive: true });
  await once(server, "listening");
  return server;
}

/** Stops listening. Connections of HTTP are cut; plain ones are their owner's to end. */
async function closeAll(servers) {
  const closed = servers.map((server) => once(server, "close"));
  for (const server of servers) {
    server.close();
    server.closeAllConnections?.();
  }
  await Promise.all(closed);
}

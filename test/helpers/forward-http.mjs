// A public URL, on loopback, for a local port: what the stand-ins for ngrok carry requests with.
import { createServer, request } from "node:http";
import { pipeline } from "node:stream";
import { listenOnLoopback } from "./listen-on-loopback.mjs";

/** @param {number} localPort */
export async function forwardHttp(localPort) {
  const { port, close } = await listenOnLoopback(0, () =>
    createServer((incoming, response) => {
      const { method, url: path, rawHeaders: headers } = incoming;
      const outgoing = request(
        { host: "127.0.0.1", port: localPort, method, path, headers, setHost: false },
        (answer) => {
          response.writeHead(answer.statusCode, answer.rawHeaders);
          pipeline(answer, response, () => {});
        },
      );
      // As ngrok answers for an app that does not listen.
      outgoing.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
      pipeline(incoming, outgoing, () => {});
    }),
  );
  return { url: `http://localhost:${port}`, close };
}

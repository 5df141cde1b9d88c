// An app at its barest: answers every request with 200 "OK", but for the first few: node relay-app.mjs <port> [refusals]
import { createServer } from "node:http";

// Connections that a tunnel opened ahead stay, however long they wait: what is measured is not Node's idle time-outs.
const waits = { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 };

const [port, refusals = 0] = process.argv.slice(2).map(Number);
let left = refusals;

createServer(waits, (request, response) => {
  request.resume().on("end", () => {
    response.writeHead(left-- > 0 ? 500 : 200, { "content-type": "text/plain", "content-length": 2 });
    response.end("OK");
  });
}).listen(port, "127.0.0.1", () => console.log("listening"));

// The app behind the relay, at its barest: answers every request with 200 "OK": node relay-app.mjs <port>
import { createServer } from "node:http";

// Connections that a tunnel opened ahead stay, however long they wait: what is measured is not Node's idle time-outs.
const waits = { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 };

createServer(waits, (request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "text/plain", "content-length": 2 });
    response.end("OK");
  });
}).listen(Number(process.argv[2]), "127.0.0.1", () => console.log("listening"));

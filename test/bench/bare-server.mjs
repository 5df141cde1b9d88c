// A bare node:http server that answers everything with the bytes of a file: node bare-server.mjs <port> <file>
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, file] = process.argv.slice(2);
const bytes = readFileSync(file);

createServer((_request, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length });
  response.end(bytes);
}).listen(Number(port), "127.0.0.1");

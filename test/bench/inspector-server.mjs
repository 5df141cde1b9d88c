import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { mockStatus } from "../helpers/mock-status.mjs";

const partLength = 500;
const files = {
  "/_devhook/": ["text/html", readFileSync("dist/inspector/index.html")],
  "/_devhook/inspector.js": ["text/javascript", readFileSync("dist/inspector/inspector.js")],
  "/_devhook/style.css": ["text/css", readFileSync("dist/inspector/style.css")],
  // The least that takes the same: it receives, and parses.
  "/bare/": ["text/html", `<!doctype html><title>bare</title><script src="bare.js"></script>`],
  "/bare/bare.js": [
    "text/javascript",
    `const all = [];
     new WebSocket("ws://" + location.host + "/_devhook/live", ["kinde-devhook", "token"]).onmessage = ({ data }) => {
       const message = JSON.parse(data);
       if (message.kind !== "deliveries") return;
       all.push(...message.deliveries);
       if (message.isLast) document.title = "listed";
     };`,
  ],
};

/** Serves the inspector and a bare page, and to both the same bytes over a WebSocket. */
export async function startInspectorServer(count) {
  const messages = describeDeliveries(count);
  const server = createServer((request, response) => {
    const [type, body] = files[new URL(request.url, "http://localhost").pathname] ?? ["text/plain", ""];
    response.writeHead(200, { "content-type": `${type}; charset=utf-8` }).end(body);
  });
  const sockets = new WebSocketServer({
    server,
    handleProtocols: () => "kinde-devhook",
    perMessageDeflate: false,
  });
  sockets.on("connection", (socket) => {
    for (const message of messages) socket.send(message);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: async () => {
      for (const client of sockets.clients) client.terminate();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** What a process says to a page that opens. */
function describeDeliveries(count) {
  const deliveries = Array.from({ length: count }, (_, index) => describeDelivery(count - index));
  const parts = [];
  for (let from = 0; from < count; from += partLength) {
    const part = deliveries.slice(from, from + partLength);
    parts.push({ kind: "deliveries", deliveries: part, isLast: from + partLength >= count });
  }
  return [{ kind: "hello", status: mockStatus }, ...parts].map((message) => JSON.stringify(message));
}

function describeDelivery(n) {
  const at = new Date(Date.UTC(2026, 0, 2) + n * 1_000).toISOString();
  const hex = n.toString(16).padStart(32, "0");
  return {
    id: `dlv_${hex}`,
    direction: "relayed",
    webhookId: hex,
    endpoint: "http://localhost:3000/api/webhook",
    event: {
      type: n % 3 === 0 ? "user.updated" : "user.created",
      id: `event_${hex}`,
      source: "api",
      timestamp: at,
    },
    state: n % 9 === 0 ? "failed" : "delivered",
    nextAttemptAt: null,
    failedReason: null,
    createdAt: at,
    changedAt: at,
    verification: "verified",
    attempts: 1,
    latest: { status: 200, error: null, durationMs: 12.3 },
    about: [`person-${n}@example.com`, "org_590d7f1a86a"],
  };
}

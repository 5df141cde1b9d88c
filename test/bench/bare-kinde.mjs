// The least that does what `startMockKinde` and its `emit` do: two servers on one port, one for each family of loopback;
// an event signed with crypto.sign, and posted over a kept connection.
import { randomBytes, sign } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import { fileURLToPath } from "node:url";

const fixture = fileURLToPath(new URL("../../fixtures/events/user.created.json", import.meta.url));
const { data } = JSON.parse(readFileSync(fixture, "utf8"));
const agent = new Agent({ keepAlive: true });

/** The same calls as the mock's: `emit` resolves once the answer has been read. */
export async function startBareKinde({ kid, privateKey, publicJwk }) {
  const jwks = JSON.stringify({ keys: [publicJwk] });
  const create = () => createServer((_request, response) => response.end(jwks));
  const ipv4 = await listen(create(), 0, "127.0.0.1");
  // Not every machine has it.
  const ipv6 = await listen(create(), ipv4.address().port, "::1").catch(() => undefined);
  return {
    emit: (type, { to }) => post(to, signToken(type, kid, privateKey)),
    close: async () => {
      await Promise.all([ipv4, ipv6].map((server) => server && once(server.close(), "close")));
    },
  };
}

async function listen(server, port, host) {
  server.listen(port, host);
  await once(server, "listening");
  return server;
}

function signToken(type, kid, key) {
  const now = Date.now();
  const timestamp = new Date(now).toISOString();
  const header = { alg: "RS256", kid, typ: "JWT" };
  const claims = {
    data,
    event_id: `event_${now.toString(16).padStart(12, "0")}${randomBytes(10).toString("hex")}`,
    event_timestamp: timestamp,
    source: "api",
    timestamp,
    type,
  };
  const input = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}`;
}

function post(to, token) {
  const headers = {
    "content-type": "application/jwt",
    "content-length": token.length,
    "webhook-id": randomBytes(16).toString("hex"),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(to, { method: "POST", headers, agent }, (answer) => {
      answer.resume().on("end", () => resolve({ state: answer.statusCode === 200 ? "delivered" : "failed" }));
    });
    outgoing.on("error", reject).end(token);
  });
}

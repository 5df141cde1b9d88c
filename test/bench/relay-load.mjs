import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";

const path = "/api/webhook";

/**
 * A sender of webhooks to one address. Every run sends tokens that no run before it sent there: whoever gets the
 * same runs gets the same tokens, each once.
 * @param {{ port: number, host?: string }} to where to connect to, and the Host header
 * @param {Buffer[]} tokens
 */
export function createSender(to, tokens) {
  let next = 0;
  /** Sends over kept connections, one request at a time on each. */
  return async ({ connections, total }) => {
    const end = next + total;
    if (end > tokens.length) throw new Error(`only ${tokens.length} tokens are there`);
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    const times = [];
    const sendWhileAny = async () => {
      while (next < end) times.push(await sendWebhook(to, tokens[next++], agent));
    };
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: connections }, sendWhileAny));
    const elapsedMs = performance.now() - startedAt;
    agent.destroy();
    times.sort((a, b) => a - b);
    return { p50Ms: times[times.length >> 1], perSecond: (total * 1000) / elapsedMs };
  };
}

/** @returns how long the answer took, in milliseconds; whatever is no answer of the app rejects */
function sendWebhook({ port, host = "localhost" }, token, agent) {
  const headers = {
    host: `${host}:${port}`,
    "content-type": "application/jwt",
    "content-length": token.length,
    "webhook-id": randomBytes(16).toString("hex"),
  };
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const outgoing = request({ host: "127.0.0.1", port, path, method: "POST", headers, agent }, (answer) => {
      let body = "";
      answer.setEncoding("latin1").on("data", (text) => (body += text));
      answer.on("end", () => {
        const elapsedMs = performance.now() - startedAt;
        if (answer.statusCode === 200 && body === "OK") resolve(elapsedMs);
        else reject(new Error(`the answer on port ${port} was ${answer.statusCode} ${body}`));
      });
      answer.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end(token);
  });
}

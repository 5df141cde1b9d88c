// Events to several webhooks, and beside them the least client that posts the same bytes:
// node deliveries-load.mjs <events> <webhooks> <app port>
import { Agent, request } from "node:http";
import { eventsAtOnce, readMostMb, readRssMb, startMockWith } from "./deliveries-mock.mjs";
import { countPerSecond } from "./per-second.mjs";
import { runRounds } from "./rounds.mjs";

const [eventCount, webhookCount, port] = process.argv.slice(2).map(Number);
const parts = 10;
const eventsPerPart = eventCount / parts;
const deliveriesPerPart = eventsPerPart * webhookCount;

const mock = await startMockWith(webhookCount, port);
await mock.emit(1);
const [{ token }] = mock.latest(webhookCount, "delivered");
const body = Buffer.from(token);
const agent = new Agent({ keepAlive: true });
const rssMb = [];

// The first part warms up and is left out of the ratios. What the yardstick takes of memory counts as ours.
const rounds = await runRounds(parts - 1, {
  mock: async () => {
    const startedAt = performance.now();
    await mock.emit(eventsPerPart);
    const elapsedMs = performance.now() - startedAt;
    rssMb.push(readRssMb());
    return (deliveriesPerPart * 1000) / elapsedMs;
  },
  bare: () => countPerSecond(post, { total: deliveriesPerPart, concurrency: eventsAtOnce * webhookCount }),
});
mock.latest(Math.min(deliveriesPerPart, 10_000), "delivered");
console.log(JSON.stringify({ rounds, rssMb, mostMb: readMostMb() }));
process.exit();

function post() {
  const headers = {
    "content-type": "application/jwt",
    "content-length": body.length,
    "webhook-id": "00112233445566778899aabbccddeeff",
    "user-agent": "kinde-devhook/0.1.0",
  };
  const options = { host: "127.0.0.1", port, path: "/webhooks/0", method: "POST", headers, agent };
  return new Promise((resolve, reject) => {
    const outgoing = request(options, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`the app answered ${answer.statusCode}`));
      answer.resume().on("end", resolve);
    });
    outgoing.on("error", reject).end(body);
  });
}

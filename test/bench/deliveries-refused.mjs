// Events that an app refuses twice and takes then, by a clock that stands still: all of a kind fall due at one moment.
// node deliveries-refused.mjs <events> <webhooks> <app port>
import { readMostMb, readRssMb, startMockWith } from "./deliveries-mock.mjs";

const [eventCount, webhookCount, port] = process.argv.slice(2).map(Number);
const deliveryCount = eventCount * webhookCount;

const mock = await startMockWith(webhookCount, port, { now: Date.now() });
await mock.emit(eventCount);
mock.latest(deliveryCount, "pending");
const pendingMb = readRssMb();
await mock.advance("5s");
mock.latest(deliveryCount, "pending");
await mock.advance("30s");
mock.latest(deliveryCount, "delivered");
console.log(JSON.stringify({ pendingMb, mostMb: readMostMb() }));
process.exit();

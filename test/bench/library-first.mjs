// What the first start and the first emit in a process take: node library-first.mjs mock|bare <key file> <endpoint>
import { readFileSync } from "node:fs";
import { importSigningKey, startMockKinde } from "../../dist/index.js";
import { startBareKinde } from "./bare-kinde.mjs";

const [subject, keyFile, to] = process.argv.slice(2);
const start = { mock: (signingKey) => startMockKinde({ signingKey }), bare: startBareKinde }[subject];
const signingKey = importSigningKey(JSON.parse(readFileSync(keyFile, "utf8")));

const startedAt = performance.now();
const kinde = await start(signingKey);
const startMs = performance.now() - startedAt;
const emittedAt = performance.now();
const { state } = await kinde.emit("user.created", { to });
const emitMs = performance.now() - emittedAt;
if (state !== "delivered") throw new Error(`the event was ${state}`);
console.log(JSON.stringify({ startMs, emitMs }));
process.exit();

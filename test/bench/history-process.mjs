// What a command does with a history that is there: `node history-process.mjs <module> <directory>`, timed, as JSON.
import { mkdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { createRecords } from "./history-records.mjs";

const [modulePath, directory] = process.argv.slice(2);
const { createFileHistory } = await import(pathToFileURL(modulePath).href);
const [record] = createRecords(1);

let begun = performance.now();
const history = createFileHistory({
  directory,
  ensureDirectory: () => mkdirSync(directory, { recursive: true }),
  now: Date.now,
  retainedBytes: Infinity,
});
await history.append(record);
const openMs = performance.now() - begun;

begun = performance.now();
const newest = await history.list({ limit: 100 });
const newestMs = performance.now() - begun;

begun = performance.now();
let failed = 0;
for await (const _ of history.read({ where: ({ state }) => state === "failed" })) failed++;
const filterMs = performance.now() - begun;
await history.close();
const rssMb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ openMs, newestMs, filterMs, rssMb, newest: newest.length, failed }));

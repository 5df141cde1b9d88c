// What `replay --state failed` does before it sends anything: `node history-replay-process.mjs <modules' directory> <directory>`.
// Of a type that nothing has: all is read, and what was delivered is kept in mind, as what it settles may be older.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, directory] = process.argv.slice(2);
const load = async (name) => await import(pathToFileURL(join(modules, name)).href);
const { createFileHistory } = await load("file-history.mjs");
const { findForReplay } = await load("find-for-replay.mjs");
const history = createFileHistory({ directory, ensureDirectory: () => {}, now: Date.now });
const filter = { state: "failed", types: "user.deleted" };
const { deliveries } = await findForReplay(history, filter, 100);
await history.close();
const replayRssMb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ replayRssMb, found: deliveries.length }));

// `npm run bench`: what our own code costs, each figure as a ratio to the least that could do the work,
// both measured in turn in one run. Absolute times differ between machines; ratios hardly do.
// `npm run bench -- --all` delivers 100,000 events to 10 webhooks, and relays as many, which takes minutes, in place of 10,000,
// and has a history of 1,000,000 records beside that of 100,000, which takes 2 GB on disk.
import { createProject, stopAll } from "../helpers/processes.mjs";
import { formatTable } from "../helpers/table.mjs";
import { measureAccessTokens } from "./access-tokens.mjs";
import { measureDeliveries } from "./deliveries.mjs";
import { measureEmitPrint } from "./emit-print.mjs";
import { measureHistory } from "./history.mjs";
import { measureInspector } from "./inspector.mjs";
import { measureJwksRequests } from "./jwks-requests.mjs";
import { measureLibrary } from "./library.mjs";
import { measureMockStart } from "./mock-start.mjs";
import { measureRelayThroughLocaltunnel } from "./relay-localtunnel.mjs";
import { measureRelay } from "./relay.mjs";
import { measureSigning } from "./signing.mjs";
import { measureTunnelMemory } from "./tunnel-memory.mjs";
import { measureTunnelRecovery } from "./tunnel-recovery.mjs";

const args = process.argv.slice(2);
if (args.some((arg) => arg !== "--all")) {
  console.error(`Failed to measure: ${args.join(" ")} is no option. Use: npm run bench -- [--all]`);
  process.exit(2);
}
const hasAll = args.includes("--all");
const eventCount = hasAll ? 100_000 : 10_000;
const recordCounts = hasAll ? [100_000, 1_000_000] : [100_000];
const limitMs = hasAll ? 1_800_000 : 600_000;
const project = createProject();

process.once("SIGINT", () => void end(130));
process.once("SIGTERM", () => void end(143));
setTimeout(() => {
  console.error(`not done within ${limitMs / 1000} s`);
  void end(1);
}, limitMs).unref();

try {
  const figures = [];
  for (const measure of [
    measureEmitPrint,
    measureMockStart,
    measureSigning,
    measureAccessTokens,
    measureLibrary,
    measureJwksRequests,
    measureInspector,
    (ours) => measureHistory(ours, recordCounts),
    measureRelay,
    measureRelayThroughLocaltunnel,
    measureTunnelRecovery,
    (ours) => measureTunnelMemory(ours, eventCount),
    (ours) => measureDeliveries(ours, eventCount),
  ]) {
    figures.push(...(await measure(project)));
  }
  const columns = ["figure", "measured against", "ratio", "min–max", "goal", ""];
  for (const line of formatTable(columns, figures.map(rowOf), ["ratio"])) console.log(line);
  console.log("\nratio: the median over all rounds, each round one run of both.");
  console.log("In brackets: the figure itself, the yardstick's or ours.");
  if (!hasAll) {
    console.log(
      "npm run bench -- --all delivers and relays 100,000 events in place of 10,000, with a history of 1,000,000.",
    );
  }
  await end(0);
} catch (error) {
  console.error(error);
  await end(1);
}

function rowOf({ what, yardstick, ratio, ...goals }) {
  return {
    figure: what,
    "measured against": yardstick,
    ratio: ratio.median.toFixed(2),
    "min–max": `${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)}`,
    ...goalOf(ratio.median, goals),
  };
}

/** A goal for the ratio, or for our own figure in milliseconds or megabytes. */
function goalOf(ratio, { typicalMs, typicalMb, atMost, atLeast, atMostMs, atMostMb }) {
  if (atMost !== undefined) return { goal: `≤ ${atMost}`, "": verdict(ratio <= atMost) };
  if (atLeast !== undefined) return { goal: `≥ ${atLeast}`, "": verdict(ratio >= atLeast) };
  if (atMostMs !== undefined) return { goal: `≤ ${atMostMs} ms`, "": verdict(typicalMs <= atMostMs) };
  if (atMostMb !== undefined) return { goal: `≤ ${atMostMb} MB`, "": verdict(typicalMb <= atMostMb) };
  return {};
}

function verdict(isMet) {
  return isMet ? "met" : "NOT MET";
}

async function end(code) {
  await stopAll();
  project.remove();
  process.exit(code);
}

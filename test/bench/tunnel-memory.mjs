import { execFileSync } from "node:child_process";
import { findFreePort } from "../helpers/processes.mjs";
import { startBareServer } from "./jwks-servers.mjs";
import { createSender } from "./relay-load.mjs";
import { startApp, startRelay } from "./relay-servers.mjs";
import { createTokens } from "./relay-tokens.mjs";
import { compare } from "./rounds.mjs";

const parts = 10;
const connections = 10;

/** What memory `tunnel` has while more and more webhooks have gone through it, history included. */
export async function measureTunnelMemory(project, webhookCount) {
  const { tokens, jwks } = await createTokens(webhookCount);
  const issuerPort = await findFreePort();
  const issuer = await startBareServer(project, issuerPort, jwks);
  const app = await startApp(project);
  const relay = await startRelay(project, app.port, issuerPort);
  const send = createSender(relay, tokens);
  const rssMb = [];
  for (let part = 1; part <= parts; part++) {
    await send({ connections, total: webhookCount / parts });
    rssMb.push(readRssMb(relay.pid));
  }
  for (const part of [relay, app, issuer]) await part.stop();

  const half = parts / 2 - 1;
  const later = rssMb.slice(half).map((mb) => ({ mb, half: rssMb[half] }));
  const of = `after ${webhookCount.toLocaleString("en")} webhooks`;
  return [
    {
      what: `tunnel, ${of}: RSS (at 10, 50, 100 %: ${rssMb[0]}, ${rssMb[half]}, ${rssMb.at(-1)} MB)`,
      yardstick: "itself at half of them",
      ratio: compare(later, "mb", "half"),
      atMost: 1.1,
    },
  ];
}

function readRssMb(pid) {
  const kilobytes = Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }));
  return Math.round(kilobytes / 2 ** 10);
}

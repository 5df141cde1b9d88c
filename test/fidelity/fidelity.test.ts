/**
 * The README's section "Fidelity": what it says of clients and event types is counted here, and what it says that
 * we do is shown to be so. `npx vitest run --config test/vitest.config.ts test/fidelity -u` writes its tables anew.
 */
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { isInstalled } from "../clients/client.ts";
import { clients } from "../clients/clients.ts";
import { isCi } from "../helpers/ci.ts";
import { clientHeads, clientRow } from "./client-table.ts";
import { eventFacts } from "./event-facts.ts";
import { eventTypeHeads, eventTypeRows } from "./event-type-table.ts";
import { collectEvidence, type Evidence } from "./evidence.ts";
import { issuerFacts } from "./issuer-facts.ts";
import { managementFacts } from "./management-facts.ts";
import { formatTable, readBlock, readRows, replaceBlock, type Row } from "./markdown.ts";
import { requestFacts } from "./request-facts.ts";
import { retryFacts } from "./retry-facts.ts";

const allFacts = [...requestFacts, ...retryFacts, ...eventFacts, ...issuerFacts, ...managementFacts];
/** What is uncertain first: that is what people look for. */
const facts = [
  ...allFacts.filter(({ sure }) => sure !== "sure"),
  ...allFacts.filter(({ sure }) => sure === "sure"),
];
const readme = readFileSync("README.md", "utf8");

let evidence: Evidence;
beforeAll(async () => {
  evidence = await collectEvidence();
});

test.each(facts.map(({ kinde, weDo, prove }) => [kinde, weDo, prove] as const))(
  "%s: %s",
  async (_kinde, _weDo, prove) => {
    expect.hasAssertions();
    await prove(evidence);
  },
);

test("the tables in the README are those of this run", async () => {
  const blocks = {
    clients: formatTable(clientHeads, await clientRows()),
    "event types": formatTable(eventTypeHeads, eventTypeRows()),
    facts: formatTable(
      ["what Kinde does", "how sure", "what we do"],
      facts.map(({ kinde, sure, weDo }) => [kinde, sure, weDo]),
    ),
  };
  let written = readme;
  for (const [name, table] of Object.entries(blocks)) written = replaceBlock(written, name, table);
  await expect(written).toMatchFileSnapshot("../../README.md");
});

/** The row of a client that is not on this machine is taken as it stands. */
async function clientRows(): Promise<Row[]> {
  const written = readRows(readBlock(readme, "clients"));
  const rows: Row[] = [];
  for (const client of clients) {
    const row = written.find(([name]) => name!.startsWith(`\`${client.packages[0]!.name}\``));
    rows.push(isInstalled(client) || isCi || row === undefined ? await clientRow(client) : row);
  }
  return rows;
}

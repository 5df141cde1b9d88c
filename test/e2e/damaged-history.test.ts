import { expect, test } from "vitest";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { recordsOf } from "./project.ts";
import { createTunnelProject } from "./tunnel-project.ts";

test("a tunnel names what it can't read of its history, file and line, and goes on", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  const name = `.kinde-devhook/history/${new Date().toISOString().slice(0, 10)}.0001.ndjson`;
  const line = JSON.stringify(sampleDelivery({ direction: "relayed", createdAt: new Date().toISOString() }));
  // Torn, as by a kill, and then gone on after.
  project.write(name, `\n${line}\n\n${line.slice(0, 100)}\n${line}\n`);
  project.write(".kinde-devhook/history/2030-01-01.jan.ndjson", "from the future");
  await using tunnel = await project.open([`${app.port}`, "--issuer", project.kinde.issuer]);
  expect((await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"))).status).toBe(
    200,
  );
  const result = await tunnel.stop();
  expect(recordsOf(result, "delivery").map(({ state }) => state)).toContain("delivered");
  const warnings = recordsOf(result, "warning");
  expect(warnings.map(({ code }) => code)).toEqual(["WARN_HISTORY_DAMAGED", "WARN_HISTORY_DAMAGED"]);
  const [whole, torn] = warnings.map(({ message }) => message);
  expect(whole).toContain("2030-01-01.jan.ndjson");
  expect(torn).toMatch(/^line 4 of .*0001\.ndjson can't be read and was skipped/);
});

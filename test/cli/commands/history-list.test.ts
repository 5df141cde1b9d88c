import { EventEmitter, once } from "node:events";
import { expect, test } from "vitest";
import type { Context } from "../../../src/cli/command.ts";
import { listHistory } from "../../../src/cli/commands/history-list.ts";
import type { HistoryInput } from "../../../src/cli/commands/history-run.ts";
import { createMemoryHistory } from "../../../src/history/memory-history.ts";
import { sampleDelivery } from "../../delivery/sample-delivery.ts";

test("reads on only when what it has told was taken: a slow reader does not make it hold all", async () => {
  const history = createMemoryHistory();
  for (let index = 0; index < 250; index++) await history.append(sampleDelivery({ id: `dlv_${index}` }));
  const signals = new EventEmitter();
  const [asked, taken] = [once(signals, "asked"), once(signals, "taken")];
  let told = 0;
  const reporter = {
    isJson: true,
    record: () => told++,
    drained: async () => {
      signals.emit("asked");
      await taken;
    },
  };
  const context = { reporter, interruption: { stop: new AbortController().signal } } as unknown as Context;
  const input = { filter: undefined, limit: 1_000, isFollowed: false, withToken: false, context };
  const listing = listHistory(history, input as HistoryInput);
  await asked;
  expect(told).toBe(100);
  signals.emit("taken");
  await listing;
  expect(told).toBe(250);
});

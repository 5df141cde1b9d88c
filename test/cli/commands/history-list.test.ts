import { EventEmitter, once } from "node:events";
import { expect, test } from "vitest";
import type { Context } from "../../../src/cli/command.ts";
import { listHistory } from "../../../src/cli/commands/history-list.ts";
import type { HistoryInput } from "../../../src/cli/commands/history-run.ts";
import { createMemoryHistory } from "../../../src/history/memory-history.ts";
import { sampleDelivery } from "../../delivery/sample-delivery.ts";

test.each<[name: string, isFollowed: boolean, first: string, last: string]>([
  ["a list, the latest first", false, "dlv_249", "dlv_0"],
  ["what is followed, the latest last", true, "dlv_0", "dlv_249"],
])("tells more of %s, only when what it has told was taken", async (_, isFollowed, first, last) => {
  const history = createMemoryHistory();
  for (let index = 0; index < 250; index++) await history.append(sampleDelivery({ id: `dlv_${index}` }));
  const stop = new AbortController();
  const signals = new EventEmitter();
  const [asked, taken] = [once(signals, "asked"), once(signals, "taken")];
  const told: string[] = [];
  const reporter = {
    isJson: true,
    recordLine: (line: string) => told.push((JSON.parse(line) as { readonly id: string }).id),
    note: () => stop.abort(),
    drained: async () => {
      signals.emit("asked");
      await taken;
    },
  };
  const context = { reporter, interruption: { stop: stop.signal } } as unknown as Context;
  const input = { filter: undefined, limit: 1_000, isFollowed, withToken: false, context };
  const listing = listHistory(history, input as HistoryInput);
  await asked;
  expect(told.length).toBeLessThanOrEqual(100);
  signals.emit("taken");
  await listing;
  expect(told).toHaveLength(250);
  expect([told[0], told.at(-1)]).toEqual([first, last]);
});

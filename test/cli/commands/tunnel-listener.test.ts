import { createMemoryHistory } from "../../../src/history/memory-history.ts";
import { expect, test } from "vitest";
import { createListener } from "../../../src/cli/commands/tunnel-listener.ts";
import type { OutputRecord } from "../../../src/cli/output/records.ts";
import { TunnelError } from "../../../src/tunnel/tunnel.ts";

const url = "https://one.example";
const outage = {
  url,
  cause: "tunnel service",
  reason: "gone",
  startedAt: "2026-01-02T00:00:00.000Z",
  endedAt: null,
  downMs: 0,
} as const;

test("a tunnel that comes back under its own URL is told, and nothing more", () => {
  const { listener, records } = listen();
  listener.onChange({ ...outage, state: "down" });
  listener.onChange({ ...outage, state: "up" });
  expect(records.map(({ record }) => record)).toEqual(["tunnel", "tunnel"]);
});

test("a tunnel that comes back under another URL warns: WARN_URL_CHANGED, with both", () => {
  const { listener, records } = listen();
  listener.onChange({ ...outage, state: "down" });
  listener.onChange({ ...outage, state: "up", url: "https://two.example" });
  expect(records.at(-1)).toMatchObject({
    record: "warning",
    code: "WARN_URL_CHANGED",
    message: expect.stringMatching(/two\.example.*one\.example/) as string,
  });
});

test("why the first tunnel is tried again is told once for each reason", () => {
  const { listener, notes } = listen();
  const taken = new TunnelError("ERR_SUBDOMAIN_TAKEN", "the name is taken", "", { isPassing: true });
  const busy = new TunnelError("ERR_TUNNEL_UNAVAILABLE", "it is busy", "", { isPassing: true });
  for (const error of [taken, taken, busy, busy]) listener.onRetry(error);
  expect(notes).toEqual([
    expect.stringMatching(/the name is taken, perhaps by a tunnel that has just stopped/),
    expect.stringMatching(/it is busy …$/),
  ]);
});

function listen(): {
  listener: ReturnType<typeof createListener>;
  records: OutputRecord[];
  notes: string[];
} {
  const records: OutputRecord[] = [];
  const notes: string[] = [];
  const nothing = (): void => {};
  const reporter = {
    isJson: false,
    columns: undefined,
    paint: (_colour: unknown, text: string) => text,
    record: nothing,
    note: (text: string) => void notes.push(text),
    recordLine: nothing,
    flush: nothing,
    drained: () => Promise.resolve(),
    print: nothing,
    progress: nothing,
  };
  const log = {
    onBegin: nothing,
    onEnd: nothing,
    onAbandoned: nothing,
    onSkipped: nothing,
    onAppChange: nothing,
    onRefused: nothing,
    interrupt: nothing,
    record: (record: OutputRecord) => void records.push(record),
    end: nothing,
  };
  const history = { ...createMemoryHistory(), keep: nothing };
  return { listener: createListener(reporter, log, history), records, notes };
}

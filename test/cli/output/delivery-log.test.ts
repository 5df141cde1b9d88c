import { describe, expect, test } from "vitest";
import { createDeliveryLog, type DeliveryLog } from "../../../src/cli/output/delivery-log.ts";
import type { OutputRecord } from "../../../src/cli/output/records.ts";
import type { Delivery } from "../../../src/delivery/delivery.ts";
import { sampleAttempt, sampleDelivery } from "../../delivery/sample-delivery.ts";

interface Written {
  readonly records: OutputRecord[];
  readonly printed: string[];
  readonly noted: string[];
  readonly progress: (string | undefined)[];
}

function startLog({ total, isJson = false }: { total?: number; isJson?: boolean } = {}): {
  log: DeliveryLog;
  written: Written;
} {
  const written: Written = { records: [], printed: [], noted: [], progress: [] };
  const log = createDeliveryLog({
    reporter: {
      isJson,
      columns: undefined,
      paint: (_colour, text) => text,
      record: (record) => void written.records.push(record),
      recordLine: () => {},
      flush: () => {},
      drained: () => Promise.resolve(),
      print: (text) => void written.printed.push(text),
      note: (text) => void written.noted.push(text),
      progress: (text) => void written.progress.push(text),
    },
    total,
    withToken: false,
    hintContext: () => ({
      localIssuer: "http://localhost:4455",
      hasFetchedJwks: true,
      expectedStatus: 200,
      endpointOption: "--webhook",
    }),
  });
  return { log, written };
}

const nextAttemptAt = "2026-01-02T03:04:10.000Z";

/** Refused so many times. */
function refused(number: number, times: number, members: Partial<Delivery> = {}): Delivery {
  return sampleDelivery({
    id: `dlv_${number}`,
    nextAttemptAt,
    attempts: Array.from({ length: times }, (_, index) => sampleAttempt({ number: index + 1, status: 500 })),
    ...members,
  });
}

const ended = { state: "failed", failedReason: "cancelled", nextAttemptAt: null } as const;

test("a token that does not verify is not said to do so by the hint", () => {
  const { log, written } = startLog();
  const verification = { status: "unverified", reason: "ERR_UNKNOWN_KID" } as const;
  log.onChange(sampleDelivery({ verification, attempts: [sampleAttempt({ status: 401 })] }));
  expect(written.records).toMatchObject([
    { hint: expect.stringMatching(/does not verify \(ERR_UNKNOWN_KID\)/) as string },
  ]);
});

describe("a delivery that is attempted again", () => {
  test("has a line of its event and one of the answer for each attempt, retries by their number", () => {
    const { log, written } = startLog();
    log.onChange(sampleDelivery({ id: "dlv_1" }));
    log.onChange(refused(1, 1));
    log.onChange(refused(1, 2));
    log.onChange({
      ...refused(1, 2),
      state: "delivered",
      nextAttemptAt: null,
      attempts: [...refused(1, 2).attempts, sampleAttempt({ number: 3 })],
    });
    expect(written.printed).toEqual([
      expect.not.stringContaining("attempt"),
      expect.stringMatching(/attempt 2$/),
      expect.stringMatching(/attempt 3$/),
    ]);
    expect(written.records.map((record) => (record as { state?: string }).state)).toEqual([
      "pending",
      "pending",
      "delivered",
    ]);
  });

  test("that is called off while it waits is told in a line, not as an answer", () => {
    const { log, written } = startLog();
    log.onChange(refused(1, 1));
    log.onChange(refused(1, 1, ended));
    expect(written.records).toHaveLength(1);
    expect(written.printed.at(-1)).toMatch(/user\.created.*called off$/);
  });

  test("of another process has been told: only what comes after is", () => {
    const { log, written } = startLog();
    const [abandoned, called, again] = [refused(1, 2), refused(2, 1), refused(3, 1)];
    log.resume([abandoned, called, again]);
    log.onChange({ ...abandoned, ...ended, failedReason: "abandoned" });
    log.onChange({ ...called, ...ended });
    log.onChange(refused(3, 2));
    expect(written.printed).toEqual([
      expect.stringMatching(/given up: too old$/),
      expect.stringMatching(/called off$/),
      expect.stringMatching(/attempt 2$/),
    ]);
    expect(written.records).toMatchObject([{ record: "delivery", id: "dlv_3" }]);
  });

  test("is a record for programs at every change after the first attempt, the end that is none included", () => {
    const { log, written } = startLog({ isJson: true, total: 1_000 });
    log.onChange(sampleDelivery({ id: "dlv_1" }));
    log.onChange(refused(1, 1));
    log.onChange(refused(1, 2));
    log.onChange(refused(1, 2, ended));
    const deliveries = written.records.filter(({ record }) => record === "delivery");
    expect(deliveries).toMatchObject([
      { state: "pending", attempts: [{}] },
      { state: "pending", attempts: [{}, {}] },
      { state: "failed", failedReason: "cancelled" },
    ]);
    expect(written.printed).toEqual([]);
  });
});

describe("of many", () => {
  test("twenty failures are shown, pending or not, and the others counted", () => {
    const { log, written } = startLog({ total: 1_000 });
    for (let number = 0; number < 500; number++) {
      log.onChange(sampleDelivery({ id: `dlv_${number}` }));
      log.onChange(number % 2 === 0 ? refused(number, 1) : refused(number, 1, ended));
    }
    expect(written.records.filter(({ record }) => record === "delivery")).toHaveLength(20);
    log.end();
    expect(written.noted).toEqual(["480 more failures are not shown; --json has them all."]);
  });

  test("the progress counts each once, however often it is attempted", async () => {
    const { log, written } = startLog({ total: 200 });
    for (let number = 0; number < 150; number++) {
      for (const times of [1, 2, 3]) log.onChange(refused(number, times));
    }
    // A line of progress comes at most every tenth of a second.
    await expect
      .poll(() => {
        log.onChange(refused(149, 4));
        return written.progress.at(-1);
      })
      .toMatch(/^150 of 200 {2}0 failed/);
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createRelayLog, type RelayLog } from "../../../src/cli/output/relay-log.ts";
import type { OutputRecord } from "../../../src/cli/output/records.ts";
import type { Reporter } from "../../../src/cli/output/reporter.ts";
import type { Delivery } from "../../../src/delivery/delivery.ts";
import type { RelayedAttempt } from "../../../src/relay/relayed-deliveries.ts";
import { sampleAttempt, sampleDelivery } from "../../delivery/sample-delivery.ts";

type Refused = Extract<OutputRecord, { record: "refused" }>;

interface Written {
  readonly records: OutputRecord[];
  readonly printed: string[];
  readonly noted: string[];
}

function startLog({ isJson = false, withToken = false } = {}): { log: RelayLog; written: Written } {
  const written: Written = { records: [], printed: [], noted: [] };
  const reporter: Reporter = {
    isJson,
    columns: undefined,
    paint: (_colour, text) => text,
    record: (record) => void written.records.push(record),
    recordLine: (line) => void written.records.push(JSON.parse(line) as OutputRecord),
    flush: () => {},
    drained: () => Promise.resolve(),
    print: (text) => void written.printed.push(text),
    note: (text) => void written.noted.push(text),
    progress: () => {},
  };
  const log = createRelayLog({
    reporter,
    withToken,
    meanwhile: { holdMs: 10_000, isShielded: false },
    hintContext: () => ({
      localIssuer: "http://localhost:4455",
      hasFetchedJwks: true,
      expectedStatus: 200,
      endpointOption: "--forward",
    }),
  });
  return { log, written };
}

const one = sampleDelivery({ id: "dlv_1", direction: "relayed" });
const other = sampleDelivery({
  id: "dlv_2",
  direction: "relayed",
  event: { ...one.event!, type: "role.created" },
});
const attemptOf = (delivery: Delivery, number: number): RelayedAttempt => ({
  number,
  delivery: () => delivery,
  end: () => Promise.resolve(delivery),
});
const refused: Refused = {
  record: "refused",
  code: "ERR_NOT_A_WEBHOOK_REQUEST",
  reason: "GET is no webhook request",
  method: "GET",
  path: "/",
  status: 404,
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("an attempt", () => {
  test("that is answered soon is told as a whole: the event and its answer under it", () => {
    const { log, written } = startLog();
    log.onBegin(attemptOf(one, 1));
    vi.advanceTimersByTime(299);
    expect(written.printed).toEqual([]);
    log.onEnd(one, sampleAttempt());
    vi.runAllTimers();
    expect(written.printed).toEqual([
      expect.stringMatching(/▸ user\.created/),
      expect.stringMatching(/◂ 200 {2}POST \/api\/webhook/),
    ]);
  });

  test("that takes longer is told before, and once", () => {
    const { log, written } = startLog();
    log.onBegin(attemptOf(one, 1));
    vi.advanceTimersByTime(300);
    expect(written.printed).toEqual([expect.stringMatching(/▸ user\.created/)]);
    log.onEnd(one, sampleAttempt());
    vi.runAllTimers();
    expect(written.printed).toHaveLength(2);
  });

  test("that was held, or waited for its turn, says how long", () => {
    const { log, written } = startLog();
    log.onEnd(one, { ...sampleAttempt(), heldMs: 2_300 });
    log.onEnd(one, { ...sampleAttempt(), heldMs: 300, queuedMs: 1_200 });
    expect(written.printed).toEqual([
      expect.stringMatching(/▸/),
      expect.stringMatching(/◂ 200 .* ms {2}held 2\.3 s$/),
      expect.stringMatching(/▸/),
      expect.stringMatching(/◂ 200 .* ms {2}waited 1\.2 s for its turn {2}held 0\.3 s$/),
    ]);
  });

  test("has its event told again when the app was told of in between", () => {
    const { log, written } = startLog();
    const outage = { url: "http://localhost:3000", cause: "nothing listens there", downMs: 1_000 };
    log.onBegin(attemptOf(one, 1));
    vi.advanceTimersByTime(300);
    log.onAppChange({ ...outage, state: "down", startedAt: one.createdAt, endedAt: null });
    log.onEnd(one, sampleAttempt());
    expect(written.printed).toEqual([
      expect.stringMatching(/▸ user\.created/),
      expect.stringMatching(/✕ app down/),
      expect.stringMatching(/▸ user\.created/),
      expect.stringMatching(/◂ 200/),
    ]);
  });

  test("has its event told again when the tunnel was told of in between", () => {
    const { log, written } = startLog();
    log.onBegin(attemptOf(one, 1));
    vi.advanceTimersByTime(300);
    log.record({
      record: "tunnel",
      state: "down",
      url: "https://a.loca.lt",
      cause: "tunnel service",
      reason: "gone",
      startedAt: one.createdAt,
      endedAt: null,
      downMs: 0,
    });
    log.onEnd(one, sampleAttempt());
    expect(written.records).toHaveLength(1);
    expect(written.printed.map((line) => /[▸◂] \S+/.exec(line)?.[0])).toEqual([
      "▸ user.created",
      "▸ user.created",
      "◂ 200",
    ]);
  });

  test("has its event told again when another line came between", () => {
    const { log, written } = startLog();
    log.onBegin(attemptOf(one, 1));
    log.onBegin(attemptOf(other, 1));
    vi.advanceTimersByTime(300);
    log.onEnd(one, sampleAttempt());
    log.onRefused(refused);
    log.onEnd(other, sampleAttempt());
    expect(written.printed.map((line) => /[▸◂] \S+/.exec(line)?.[0])).toEqual([
      "▸ user.created",
      "▸ role.created",
      "▸ user.created",
      "◂ 200",
      "▸ role.created",
      "◂ 200",
    ]);
  });

  test("after the first says which it is", () => {
    const { log, written } = startLog();
    log.onBegin(attemptOf(one, 2));
    log.onEnd(one, sampleAttempt({ number: 2 }));
    expect(written.printed[0]).toMatch(/ {2}attempt 2$/);
  });

  test("has a hint under its answer, which is not said twice in a row", () => {
    const { log, written } = startLog();
    for (const status of [500, 500, 404, 500]) {
      log.onBegin(attemptOf(one, 1));
      log.onEnd(one, sampleAttempt({ status }));
    }
    const answers = written.printed.filter((text) => text.includes("◂"));
    expect(answers.map((text) => text.split("\n").length)).toEqual([2, 1, 2, 2]);
  });

  test("has the code of its hint behind it, where it has one", () => {
    const { log, written } = startLog();
    log.onBegin(attemptOf(one, 1));
    log.onEnd(one, sampleAttempt({ status: 204 }));
    expect(written.printed.at(-1)).toMatch(/documents only 200.*\(WARN_NOT_200\)$/);
  });
});

describe("with --json", () => {
  test("the end of an attempt is a record, with the hint and without the token, and nothing is printed", () => {
    const { log, written } = startLog({ isJson: true });
    log.onBegin(attemptOf(one, 1));
    vi.runAllTimers();
    log.onEnd(one, sampleAttempt({ status: 500 }));
    expect(written.printed).toEqual([]);
    expect(written.records).toMatchObject([
      { record: "delivery", id: "dlv_1", hint: expect.stringContaining("your app's own output") },
    ]);
    expect(written.records[0]).not.toHaveProperty("token");
  });

  test("the token is there where it was asked for", () => {
    const { log, written } = startLog({ isJson: true, withToken: true });
    log.onEnd(one, sampleAttempt());
    expect(written.records).toMatchObject([{ record: "delivery", token: one.token }]);
  });

  test("a hint with a code is a warning besides, once", () => {
    const { log, written } = startLog({ isJson: true });
    for (const status of [201, 204]) log.onEnd(one, sampleAttempt({ status }));
    expect(written.records.map(({ record }) => record)).toEqual(["warning", "delivery", "delivery"]);
    expect(written.records[0]).toMatchObject({ code: "WARN_NOT_200" });
  });

  test("every refusal is a record", () => {
    const { log, written } = startLog({ isJson: true });
    for (let count = 1; count <= 50; count++) log.onRefused(refused);
    expect(written.records).toHaveLength(50);
    expect(written.noted).toEqual([]);
  });
});

describe("an event that is not passed on", () => {
  const skipped = { webhookId: "w", type: "user.created", reason: "--event-types leaves it out" };

  test("is a line for people: Kinde has its 200, and the app has nothing", () => {
    const { log, written } = startLog();
    log.onSkipped(skipped);
    expect(written.printed).toEqual([
      expect.stringMatching(/▸ user\.created {2}not passed on, answered 200: --event-types leaves it out$/),
    ]);
  });

  test("is a record for programs", () => {
    const { log, written } = startLog({ isJson: true });
    log.onSkipped(skipped);
    log.onSkipped({ ...skipped, type: undefined });
    expect(written.records).toEqual([
      expect.objectContaining({ record: "skipped", webhookId: "w", event: { type: "user.created" } }),
      expect.objectContaining({ record: "skipped", event: null }),
    ]);
  });
});

test("what a token that does not verify gets for an answer is no fault of the app", () => {
  const { log, written } = startLog();
  const forged = { ...one, verification: { status: "unverified", reason: "ERR_BAD_SIGNATURE" } as const };
  log.onEnd(forged, sampleAttempt({ status: 400 }));
  expect(written.printed.at(-1)).toContain("does not verify (ERR_BAD_SIGNATURE)");
  expect(written.printed.at(-1)).not.toContain("verifies here");
});

test("of a copy that fails nobody is promised that it is tried again", () => {
  const { log, written } = startLog();
  const error = { code: "ERR_CONNECTION_REFUSED", message: "nothing listens" };
  log.onEnd(one, sampleAttempt({ status: null, error, response: null }), true);
  expect(written.printed.at(-1)).toContain("a copy is not sent again");
  expect(written.printed.at(-1)).not.toContain("Kinde tries again");
});

describe("refusals, for people", () => {
  test("are ten in ten seconds; how many more there were is told when these are over", () => {
    const { log, written } = startLog();
    for (let count = 1; count <= 1_510; count++) log.onRefused(refused);
    expect(written.records).toHaveLength(10);
    expect(written.noted).toEqual([]);
    vi.advanceTimersByTime(10_001);
    expect(written.noted).toEqual(["1,500 more were refused; --json has them all."]);
    log.onRefused(refused);
    expect(written.records).toHaveLength(11);
  });

  test("of another kind are shown behind any number of one", () => {
    const { log, written } = startLog();
    for (let count = 1; count <= 100; count++) log.onRefused(refused);
    const forged = { ...refused, code: "ERR_BAD_SIGNATURE" };
    log.onRefused(forged);
    expect(written.records.at(-1)).toEqual(forged);
    expect(written.records).toHaveLength(11);
  });

  test("that are not shown are counted at the end, too", () => {
    const { log, written } = startLog();
    for (let count = 1; count <= 12; count++) log.onRefused(refused);
    log.end();
    expect(written.noted).toEqual(["2 more were refused; --json has them all."]);
  });

  test("that are few are all shown", () => {
    const { log, written } = startLog();
    for (let count = 1; count <= 5; count++) {
      log.onRefused(refused);
      vi.advanceTimersByTime(10_001);
    }
    expect(written.records).toHaveLength(5);
    expect(written.noted).toEqual([]);
  });
});

describe("a delivery that its sender has given up", () => {
  const abandoned = sampleDelivery({
    direction: "relayed",
    state: "failed",
    failedReason: "abandoned",
    attempts: [sampleAttempt({ status: 500 }), sampleAttempt({ number: 2, status: 500 })],
  });

  test("is a note for people", () => {
    const { log, written } = startLog();
    log.onAbandoned(abandoned);
    expect(written.noted).toEqual([
      expect.stringMatching(/^Given up .* 36 h: user\.created event_\S+ to http:\S+, 2 attempts\.$/),
    ]);
    expect(written.records).toEqual([]);
  });

  test("is a record for programs", () => {
    const { log, written } = startLog({ isJson: true });
    log.onAbandoned(abandoned);
    expect(written.records).toMatchObject([
      { record: "delivery", state: "failed", failedReason: "abandoned" },
    ]);
    expect(written.noted).toEqual([]);
  });
});

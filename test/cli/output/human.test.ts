import { describe, expect, test } from "vitest";
import { describeRecord, describeRelayed } from "../../../src/cli/output/human.ts";
import { formatCount } from "../../../src/cli/output/format.ts";
import type { DeliveryRecord, OutputRecord, TunnelRecord } from "../../../src/cli/output/records.ts";
import type { Attempt } from "../../../src/delivery/delivery.ts";

const plain = (_colour: unknown, text: string): string => text;

function deliveryOf(changes: Partial<DeliveryRecord>, attempt?: Partial<Attempt>): DeliveryRecord {
  const made: Attempt = {
    number: 1,
    startedAt: "2026-08-01T12:00:00.000Z",
    durationMs: 12.4,
    plannedDelayMs: 0,
    status: 200,
    error: null,
    request: { method: "POST", url: "http://localhost:3000/api/webhook?secret=1", headers: {} },
    response: { headers: {}, body: "OK", truncated: false },
    ...attempt,
  };
  return {
    record: "delivery",
    id: "dlv_1",
    direction: "emitted",
    webhookId: "id",
    endpoint: "http://localhost:3000/api/webhook",
    event: {
      type: "user.created",
      id: "event_018f331a3178f7fef284b95fe6770384",
      source: "api",
      timestamp: "",
    },
    verification: { status: "verified", kid: "10:21:28:38", issuer: "http://localhost:4455" },
    state: "delivered",
    nextAttemptAt: null,
    failedReason: null,
    createdAt: "2026-08-01T12:00:00.000Z",
    attempts: attempt === undefined ? [] : [made],
    ...changes,
  };
}

const textOf = (record: DeliveryRecord): string => describeRecord(record, plain).join("\n");

describe("a delivery that begins", () => {
  test("is one line: the event, its id shortened, and the key that verifies it", () => {
    expect(textOf(deliveryOf({}))).toMatch(
      /^\d\d:\d\d:\d\d {2}▸ user\.created {2}event_018f…0384 {2}verified · kid 10:21:28…$/,
    );
  });

  test("says why when it does not verify", () => {
    const verification = { status: "unverified", reason: "ERR_BAD_SIGNATURE" } as const;
    expect(textOf(deliveryOf({ verification }))).toMatch(/ERR_BAD_SIGNATURE$/);
  });

  test("shows an event from outside without its controls", () => {
    const event = { type: "user\u001b[31m", id: "\u009b", source: "", timestamp: "" };
    expect(textOf(deliveryOf({ event }))).toContain("user\\u001b[31m  \\u009b");
  });
});

describe("an answer", () => {
  test("of 200 is the status, the path and the time, without the body", () => {
    expect(textOf(deliveryOf({}, {}))).toMatch(/^\d\d:\d\d:\d\d {2}◂ 200 {2}POST \/api\/webhook {2}12 ms$/);
  });

  test("that failed shows the beginning of its body and the hint under it", () => {
    const response = { headers: {}, body: ` "quoted"\n${"x".repeat(200)}`, truncated: false };
    const [answer, hint] = describeRecord(
      deliveryOf({ state: "failed", hint: "look\u0007 here" }, { status: 400, response }),
      plain,
    );
    expect(answer).toContain(String.raw`◂ 400  POST /api/webhook  12 ms  "\"quoted\"\nxxx`);
    expect(answer).toMatch(/x…"$/);
    expect(hint).toMatch(/^ +look\\u0007 here$/);
  });

  test("that never came shows why, with the code", () => {
    const error = { code: "ERR_TIMEOUT", message: "no answer within 30 s" };
    expect(textOf(deliveryOf({ state: "failed" }, { status: null, response: null, error }))).toMatch(
      /◂ no answer {2}POST \/api\/webhook {2}12 ms {2}no answer within 30 s \(ERR_TIMEOUT\)$/,
    );
  });
});

test.each([
  [
    { total: 1, delivered: 1, failed: 0, perSecond: 9.5, p50Ms: 3.25, p99Ms: 1200 },
    "1 delivery: 1 delivered, 0 failed  9.5/s  p50 3.3 ms  p99 1,200 ms",
  ],
  [
    { total: 0, delivered: 0, failed: 0, perSecond: 0, p50Ms: null, p99Ms: null },
    "0 deliveries: 0 delivered, 0 failed  0/s",
  ],
])("a summary of %j reads %j", (summary, line) => {
  expect(describeRecord({ record: "summary", ...summary }, plain)).toEqual([line]);
});

test("a count has its thousands apart", () => {
  expect([0, 999, 1000, 1234567].map(formatCount)).toEqual(["0", "999", "1,000", "1,234,567"]);
});

describe("a relayed event", () => {
  const { hint: _hint, record: _record, ...delivery } = deliveryOf({ direction: "relayed" });

  test("is the line of an event", () => {
    expect(describeRelayed(delivery, 1, plain)).toMatch(
      /^\d\d:\d\d:\d\d {2}▸ user\.created {2}event_018f…0384 {2}verified · kid 10:21:28…$/,
    );
  });

  test("says which attempt it is, after the first", () => {
    expect(describeRelayed(delivery, 12, plain)).toMatch(/… {2}attempt 12$/);
  });

  test("that is none, behind an open gate, is unknown", () => {
    const verification = { status: "unverified", reason: "ERR_NOT_A_JWT" } as const;
    expect(describeRelayed({ ...delivery, event: null, verification }, 1, plain)).toMatch(
      /▸ unknown {4}ERR_NOT_A_JWT$/,
    );
  });
});

describe("a refusal", () => {
  const refusal = {
    record: "refused",
    code: "ERR_BAD_SIGNATURE",
    reason: "Failed to verify the token: its signature does not match its content.",
    method: "POST",
    path: "/api/webhook",
    status: 401,
  } as const;
  const lineOf = (changes: Partial<Extract<OutputRecord, { record: "refused" }>>): string =>
    describeRecord({ ...refusal, ...changes }, plain).join("\n");

  test("is one line: the status, the request, the reason and the code", () => {
    expect(lineOf({})).toMatch(
      /^\d\d:\d\d:\d\d {2}✕ refused 401 {2}POST \/api\/webhook {2}its signature does not match its content {2}\(ERR_BAD_SIGNATURE\)$/,
    );
  });

  test("without an answer has no status, and without a request no path", () => {
    const changes = { status: null, method: null, path: null, reason: "it is no HTTP" };
    expect(lineOf(changes)).toMatch(/✕ refused {2}it is no HTTP {2}\(ERR_BAD_SIGNATURE\)$/);
  });

  test("shows the beginning of a long path, and no controls", () => {
    const line = lineOf({ path: `/\u001b[2J${"x".repeat(500)}`, method: "P\u009bST", reason: "a\nb\u202e" });
    expect(line).toContain("P\\u009bST /\\u001b[2Jxxx");
    expect(line).toContain("x…");
    expect(line).toContain("a⏎b\\u202e");
    expect(line.length).toBeLessThan(160);
  });
});

describe("a tunnel", () => {
  const linesOf = (changes: Partial<TunnelRecord>): string[] =>
    describeRecord(
      {
        record: "tunnel",
        state: "down",
        url: "https://a.loca.lt",
        cause: "tunnel service",
        reason: "gone",
        startedAt: new Date(2026, 0, 2, 14, 2, 11).toISOString(),
        endedAt: null,
        downMs: 0,
        ...changes,
      },
      plain,
    );

  test("that is down is told with whose fault it is, and that Kinde tries again", () => {
    const [line, promise] = linesOf({ reason: "ECONN\u001bRESET" });
    expect(line).toMatch(/^\d\d:\d\d:\d\d {2}✕ tunnel down {2}tunnel service: ECONN\\u001bRESET$/);
    expect(promise).toMatch(/https:\/\/a\.loca\.lt is tried until it works.*Kinde tries again/);
  });

  test("that has only just gone says that it is tried again", () => {
    expect(linesOf({ state: "reconnecting", downMs: 2 })).toEqual([
      expect.stringMatching(/… trying again {2}tunnel service: gone$/),
    ]);
  });

  test("whose name is taken is still down", () => {
    expect(linesOf({ cause: "name taken", reason: "it is another's", downMs: 60_000 })).toEqual([
      expect.stringMatching(/✕ still down {2}for 60 s, name taken: it is another's$/),
    ]);
  });

  test("that is up again, and could not be tried, says so", () => {
    expect(linesOf({ state: "up", downMs: 10, probed: false })).toEqual([
      expect.stringContaining("could not be tried from here"),
    ]);
  });

  test.each([
    [1_000, "1.0 s"],
    [2_340, "2.3 s"],
    [12_400, "12 s"],
    [119_400, "119 s"],
    [600_000, "10 min"],
  ])("that was down for %i ms says %s", (downMs, shown) => {
    expect(linesOf({ state: "reconnecting", downMs })).toEqual([
      expect.stringMatching(new RegExp(`… still down {2}for ${shown}, tunnel service: gone$`)),
    ]);
    expect(linesOf({ state: "up", downMs, probed: true })).toEqual([
      expect.stringMatching(
        new RegExp(
          `✓ tunnel up again {2}https://a\\.loca\\.lt {2}was down for ${shown} from 14:02:11 \\(tunnel service\\)$`,
        ),
      ),
    ]);
  });
});

test.each<[OutputRecord]>([
  [{ record: "skipped", webhookId: "id", event: { type: "user.created" }, reason: "left out" }],
  [{ record: "exit", code: 0, reason: "done" }],
])("%j is for programs only", (record) => {
  expect(describeRecord(record, plain)).toEqual([]);
});

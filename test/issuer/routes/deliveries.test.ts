import { describe, expect, test } from "vitest";
import type { Delivery } from "../../../src/delivery/delivery.ts";
import { RedactedError, type ReplayEdits } from "../../../src/delivery/replay.ts";
import { createMemoryHistory } from "../../../src/history/memory-history.ts";
import type { History } from "../../../src/history/history.ts";
import { sampleAttempt, sampleDelivery } from "../../delivery/sample-delivery.ts";
import { ask, errorCode, type Answered } from "../ask.ts";
import { authorization, startTestIssuer } from "../test-issuer.ts";

const api = "/_devhook/api/deliveries";
const tokenOf = (email: string, code: string): string => {
  const claims = { data: { user: { email, organizations: [{ code }] } } };
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
};
const hexId = (digit: string): string => `dlv_${digit.repeat(32)}`;
const event = sampleDelivery().event!;
const recorded: readonly Delivery[] = [
  sampleDelivery({ id: hexId("a"), token: tokenOf("ada@example.com", "org_1") }),
  sampleDelivery({
    id: hexId("b"),
    direction: "relayed",
    state: "delivered",
    event: { ...event, id: "event_b", type: "role.created" },
    token: tokenOf("bob@example.com", "org_2"),
    attempts: [sampleAttempt({ startedAt: "2026-06-01T00:00:00.000Z" })],
  }),
  sampleDelivery({
    id: hexId("c"),
    direction: "replayed",
    state: "failed",
    event: { ...event, id: "event_c" },
  }),
];

async function recordedHistory(): Promise<History> {
  const history = createMemoryHistory();
  for (const delivery of recorded) await history.append(delivery);
  return history;
}

async function get(port: number, path: string): Promise<Answered> {
  return await ask(port, `${api}${path}`, { headers: { authorization } });
}

describe("the list", () => {
  test.each([
    ["type=user.*", "ca"],
    ["type=role.created,user.created", "cba"],
    ["state=failed", "c"],
    ["direction=relayed", "b"],
    ["since=2026-05-01", "b"],
    ["since=2026-05-01T00:00:00Z", "b"],
    ["since=1ms", ""],
    ["org=org_2", "b"],
    ["email=ADA@", "a"],
    ["type=user.*&direction=emitted&email=example.com", "a"],
    ["limit=1&state=pending", "a"],
  ])("holds to %s", async (query, found) => {
    await using issuer = await startTestIssuer({ history: await recordedHistory() });
    const { json } = await get(issuer.port, `?${query}`);
    const ids = (json as { readonly deliveries: readonly Delivery[] }).deliveries.map(({ id }) => id);
    expect(ids).toEqual(found.split("").map(hexId));
  });

  test("says of an event type that it has none of, and does not know, which is meant", async () => {
    const newer = sampleDelivery({ id: hexId("f"), event: { ...event, type: "invoice.paid" } });
    const history = createMemoryHistory();
    await history.append(newer);
    await using issuer = await startTestIssuer({ history });
    expect((await get(issuer.port, "?type=invoice.*")).json).toEqual({ deliveries: [newer] });
    expect((await get(issuer.port, "?type=invoice.paid,user.create")).json).toEqual({
      deliveries: [newer],
      warnings: [{ code: "WARN_UNKNOWN_EVENT_TYPE", message: expect.stringContaining('"user.created"') }],
    });
    await history.append(sampleDelivery({ id: hexId("e"), event }));
    expect((await get(issuer.port, "?type=*.created,invoice.*&limit=1")).json).toMatchObject({
      warnings: [{ message: expect.stringContaining('"invoice.*" in the latest 1, and') }],
    });
  });

  test.each([
    ["type=user%20created", "ERR_INVALID_OPTION", "user.created"],
    ["type=", "ERR_INVALID_OPTION", "type"],
    ["state=done", "ERR_INVALID_OPTION", "pending, delivered, failed"],
    ["direction=sent", "ERR_INVALID_OPTION", "relayed"],
    ["since=yesterday", "ERR_INVALID_OPTION", "since"],
    ["since=01/02/2026", "ERR_INVALID_OPTION", "ISO 8601"],
    ["since=2026-13-45", "ERR_INVALID_OPTION", "since"],
    ["org=a&org=b", "ERR_INVALID_OPTION", "org"],
    ["email=", "ERR_INVALID_OPTION", "email"],
    ["stat=failed", "ERR_INVALID_OPTION", 'Did you mean \\"state\\"?'],
  ])("refuses %s: 400", async (query, code, told) => {
    await using issuer = await startTestIssuer({ history: await recordedHistory() });
    const answered = await get(issuer.port, `?${query}`);
    expect([answered.status, errorCode(answered)]).toEqual([400, code]);
    expect(answered.body).toContain(told);
  });
});

describe("one of it", () => {
  test.each([
    ["its id", hexId("b"), "b"],
    ["the beginning of it", "dlv_b", "b"],
    ["its event's id", "event_c", "c"],
    ["last", "last", "c"],
  ])("is found by %s, with what there is to say of it", async (_, id, found) => {
    const history = await recordedHistory();
    await using issuer = await startTestIssuer({
      history,
      describe: ({ id: of }) => Promise.resolve({ signer: of }),
    });
    const { status, json } = await get(issuer.port, `/${id}`);
    expect([status, json]).toEqual([
      200,
      { delivery: recorded.find((each) => each.id === hexId(found)), signer: hexId(found) },
    ]);
  });

  test("may be under way, and in no history yet", async () => {
    const begun = sampleDelivery({ id: hexId("e") });
    await using issuer = await startTestIssuer({ underWay: () => [begun] });
    expect((await get(issuer.port, `/${begun.id}`)).json).toEqual({ delivery: begun });
  });

  test("that there is not: 404", async () => {
    await using issuer = await startTestIssuer({ history: await recordedHistory() });
    const answered = await get(issuer.port, "/dlv_f");
    expect([answered.status, errorCode(answered)]).toEqual([404, "ERR_UNKNOWN_DELIVERY"]);
  });

  test("whose id is no text, but a % out of place: 400", async () => {
    await using issuer = await startTestIssuer({ history: await recordedHistory() });
    const answered = await get(issuer.port, "/%zz");
    expect([answered.status, errorCode(answered)]).toEqual([400, "ERR_INVALID_PATH_ENCODING"]);
  });

  test("of which there are several: 409, with those that it may be", async () => {
    await using issuer = await startTestIssuer({ history: await recordedHistory() });
    const answered = await get(issuer.port, "/dlv_");
    expect([answered.status, errorCode(answered)]).toEqual([409, "ERR_AMBIGUOUS_ID"]);
    const candidates = ["c", "b", "a"].map(hexId);
    expect(answered.json).toMatchObject({ errors: [{ candidates }] });
  });
});

describe("the same again", () => {
  interface Replayed {
    readonly id: string;
    readonly edits: ReplayEdits;
  }

  async function replay(
    body: string | undefined,
    id = "last",
    failure?: Error,
  ): Promise<{ readonly answered: Answered; readonly replayed: readonly Replayed[] }> {
    const replayed: Replayed[] = [];
    await using issuer = await startTestIssuer({
      history: await recordedHistory(),
      replay: (delivery, edits) => {
        if (failure !== undefined) return Promise.reject(failure);
        replayed.push({ id: delivery.id, edits: JSON.parse(JSON.stringify(edits)) as ReplayEdits });
        return Promise.resolve({ delivery: sampleDelivery({ id: hexId("d") }), changes: ["fresh"] });
      },
    });
    const answered = await ask(issuer.port, `${api}/${id}/replay`, {
      method: "POST",
      headers: { authorization, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body }),
    });
    return { answered, replayed };
  }

  test("needs no body", async () => {
    const { answered, replayed } = await replay(undefined, "dlv_a");
    expect([answered.status, replayed]).toEqual([200, [{ id: hexId("a"), edits: {} }]]);
    expect(answered.json).toEqual({ delivery: sampleDelivery({ id: hexId("d") }), changes: ["fresh"] });
  });

  test("takes every edit that there is", async () => {
    const edits = {
      to: "http://localhost:3000/x",
      set: { "user.email": "x" },
      unset: ["user.phone"],
      claims: { data: {} },
    };
    const { replayed } = await replay(JSON.stringify({ ...edits, fresh: true, sameId: false }));
    expect(replayed).toEqual([{ id: hexId("c"), edits: { ...edits, isFresh: true, isSameId: false } }]);
  });

  test.each([
    ["claims that are no object", { claims: [] }, "claims"],
    ["claims that are a text", { claims: "{}" }, "claims"],
    ["claims that are null", { claims: null }, "claims"],
    ["set that is no object", { set: [["user.email", "x"]] }, "set"],
    ["unset that is no list", { unset: "user" }, "unset"],
    ["fresh that is no switch", { fresh: "yes" }, "fresh"],
    ["sameId that is no switch", { sameId: 1 }, "sameId"],
    ["sameId beside fresh", { sameId: true, fresh: true }, "sameId"],
    ["to that is no URL", { to: "3000" }, "to"],
    ["to that is several", { to: ["http://localhost:3000"] }, "to"],
    ["to with a password", { to: "http://user:secret@localhost" }, "to"],
    ["a member that there is not", { clams: {} }, "claims"],
    ["a list", [], "body"],
  ])("refuses %s, naming it: 400", async (_, body, named) => {
    const { answered, replayed } = await replay(JSON.stringify(body));
    expect([answered.status, errorCode(answered), replayed]).toEqual([400, "ERR_INVALID_OPTION", []]);
    expect(answered.body).toContain(named);
    expect(answered.body).not.toContain("secret");
  });

  test.each([
    ["malformed JSON", "{", 400, "ERR_INVALID_BODY"],
    ["JSON that is no object", "7", 400, "ERR_INVALID_BODY"],
    ["more than 1 MiB", JSON.stringify({ set: { a: "x".repeat(1 << 20) } }), 413, "ERR_INVALID_BODY"],
  ])("refuses a body of %s", async (_, body, status, code) => {
    const { answered, replayed } = await replay(body);
    expect([answered.status, errorCode(answered), replayed]).toEqual([status, code, []]);
  });

  test("of what is not there, or may be several: 404 and 409", async () => {
    const statuses = [
      (await replay(undefined, "dlv_f")).answered.status,
      (await replay(undefined, "dlv_")).answered.status,
    ];
    expect(statuses).toEqual([404, 409]);
  });

  test("of what was redacted: 409 ERR_REDACTED", async () => {
    const { answered } = await replay(undefined, "last", new RedactedError(recorded[2]!));
    expect([answered.status, errorCode(answered)]).toEqual([409, "ERR_REDACTED"]);
  });
});

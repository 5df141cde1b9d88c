/** The catalogue of faults against handlers that are right, and that are wrong in ways that are common. */
import express from "express";
import { describe, expect, test } from "vitest";
import { faults, type FaultName } from "../../src/kinde/faults.ts";
import { openIssuer } from "../clients/local-issuer.ts";
import { findMistakes } from "./find-mistakes.ts";
import { correct, parsing, refusing, startHandler, trusting, unverified, type Mount } from "./handlers.ts";
import { sendFault } from "./send-fault.ts";

const named = (expectation: string): FaultName[] =>
  faults.filter(({ expects }) => expects === expectation).map(({ name }) => name);
const minute = 60_000;

describe("a correct handler", () => {
  test("answers each fault as the catalogue says", async () => {
    await using issuer = await openIssuer();
    await using handler = await startHandler(issuer.url, correct);
    expect(await findMistakes(handler.url)).toEqual([]);
  });

  test.each([...named("refuse"), "unknown-event-type"] as FaultName[])(
    "does nothing for %s",
    async (fault) => {
      await using issuer = await openIssuer();
      await using handler = await startHandler(issuer.url, correct);
      await sendFault(handler.url, fault);
      // By the answer to this one, nothing of the one before is under way.
      await sendFault(handler.url, "unknown-event-type");
      expect(handler.acted).toEqual([]);
    },
  );

  test.each(["duplicate", "stale-timestamp", "slow-sender"] as const)("acts once for %s", async (fault) => {
    await using issuer = await openIssuer();
    await using handler = await startHandler(issuer.url, correct);
    const attempts = await sendFault(handler.url, fault);
    expect(attempts.map(({ status }) => status)).toEqual(attempts.map(() => 200));
    expect(handler.acted).toEqual(["user.updated"]);
  });

  test("keeps the newer state for reordered", async () => {
    await using issuer = await openIssuer();
    await using handler = await startHandler(issuer.url, correct);
    await sendFault(handler.url, "reordered");
    expect([...handler.emails.values()]).toEqual(["ada.lovelace@example.com"]);
  });

  test("acts once on the whole after what was cut in its middle", async () => {
    await using issuer = await openIssuer();
    await using handler = await startHandler(issuer.url, correct);
    expect(await sendFault(handler.url, "cut-body")).toMatchObject([
      { status: null, response: null, error: { code: "ERR_CUT_ON_PURPOSE" } },
      { status: 200 },
    ]);
    expect(handler.acted).toEqual(["user.updated"]);
  });
});

test.each<[string, Mount, readonly FaultName[]]>([
  ["that does not verify", unverified, named("refuse")],
  ["that parses JSON of any content-type", parsing(express.json({ type: () => true })), named("accept")],
  [
    "that parses JSON strictly and text otherwise",
    parsing(express.json(), express.text({ type: () => true })),
    [],
  ],
  ["that reads plain text alone", parsing(express.text()), named("accept")],
  ["that throws at what does not verify", trusting, [...named("refuse"), "json-body"]],
  [
    "that refuses what is older than five minutes",
    refusing(({ timestamp }) => (Date.now() - Date.parse(timestamp) > 5 * minute ? 400 : undefined)),
    ["stale-timestamp"],
  ],
  [
    "that refuses an event type it does not know",
    refusing(({ type }) => (type === "user.updated" ? undefined : 422)),
    ["unknown-event-type"],
  ],
  ["that answers 204", refusing(() => 204), [...named("accept"), "missing-kid", "legacy-content-type"]],
])("a handler %s is found out", async (_, mount, mistakes) => {
  await using issuer = await openIssuer();
  await using handler = await startHandler(issuer.url, mount);
  expect((await findMistakes(handler.url)).toSorted()).toEqual(mistakes.toSorted());
});

test("a handler that remembers nothing acts on a duplicate twice, and keeps the older state", async () => {
  await using issuer = await openIssuer();
  await using handler = await startHandler(
    issuer.url,
    refusing(() => undefined),
  );
  await sendFault(handler.url, "duplicate");
  expect(handler.acted).toEqual(["user.updated", "user.updated"]);
  await sendFault(handler.url, "reordered");
  expect([...handler.emails.values()]).toEqual(["older-ada.lovelace@example.com"]);
});

test("what does not verify shows in a handler that believes it", async () => {
  await using issuer = await openIssuer();
  await using handler = await startHandler(issuer.url, unverified);
  await sendFault(handler.url, "tampered-claims");
  expect([...handler.emails.values()]).toEqual(["tampered-ada.lovelace@example.com"]);
});

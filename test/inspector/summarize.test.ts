import { expect, test } from "vitest";
import { summarize } from "../../src/inspector/summarize.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";

const tokenOf = (claims: object): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;

test("has what the list shows, and nothing of what is large or secret", () => {
  const latest = sampleAttempt({
    number: 2,
    status: 500,
    startedAt: "2026-01-02T03:05:00.000Z",
    durationMs: 1_000,
  });
  const delivery = sampleDelivery({
    attempts: [sampleAttempt(), latest],
    state: "failed",
    failedReason: "exhausted",
  });
  expect(summarize(delivery)).toEqual({
    id: delivery.id,
    direction: "emitted",
    webhookId: delivery.webhookId,
    endpoint: delivery.endpoint,
    event: delivery.event,
    state: "failed",
    nextAttemptAt: null,
    failedReason: "exhausted",
    createdAt: delivery.createdAt,
    changedAt: "2026-01-02T03:05:01.000Z",
    verification: "verified",
    attempts: 2,
    latest: { status: 500, error: null, durationMs: 1_000 },
    about: [],
  });
});

test("has no latest attempt before the first, and was changed when it began", () => {
  const delivery = sampleDelivery();
  expect(summarize(delivery)).toMatchObject({ attempts: 0, latest: null, changedAt: delivery.createdAt });
});

test("names the error of an attempt that got no answer by its code", () => {
  const error = { code: "ERR_TIMEOUT", message: "the app did not answer" };
  const attempts = [sampleAttempt({ status: null, response: null, error })];
  expect(summarize(sampleDelivery({ attempts })).latest).toMatchObject({
    status: null,
    error: "ERR_TIMEOUT",
  });
});

test("says what is special about it, where something is", () => {
  const special = { isCopy: true, isShielded: true, isRedacted: true, fault: "duplicate" } as const;
  expect(summarize(sampleDelivery(special))).toMatchObject(special);
});

test("finds e-mail addresses and organizations, wherever they stand, each once, and no roles in one", () => {
  const user = {
    email: "ada@example.com",
    name: "Ada",
    organizations: [{ code: "org_1", name: "Acme", roles: [{ key: "editor" }] }, "org_1"],
    nested: { emails: ["ada@example.com", "lovelace@example.com"] },
  };
  expect(summarize(sampleDelivery({ token: tokenOf({ data: { user } }) })).about).toEqual([
    "ada@example.com",
    "org_1",
    "Acme",
    "lovelace@example.com",
  ]);
});

test("finds nothing in what an organization gives to its members, or is called so by chance", () => {
  const data = {
    forgot: "reorganized",
    user: {
      organizations: [
        {
          code: "org_1",
          handle: "acme",
          permissions: [{ id: "01904a1b", key: "publish:articles" }],
          roles: [{ id: "01904a1c", key: "editor", name: "Editor" }],
        },
      ],
    },
    org_code: "org_2",
    emails: { primary: "ada@example.com" },
  };
  expect(summarize(sampleDelivery({ token: tokenOf({ data }) })).about).toEqual([
    "org_1",
    "org_2",
    "ada@example.com",
  ]);
});

test("takes no more of them than a list can hold, and no long text", () => {
  const emails = Array.from({ length: 1_000 }, (_, index) => `${index}@example.com`);
  const data = { email: "x".repeat(100_000), emails };
  expect(summarize(sampleDelivery({ token: tokenOf({ data }) })).about).toEqual(emails.slice(0, 20));
});

test.each([
  ["no token", "what was POSTed"],
  ["an empty one", ""],
  ["a token whose claims are no object", tokenOf([1])],
])("finds nothing in %s", (_, token) => {
  expect(summarize(sampleDelivery({ token })).about).toEqual([]);
});

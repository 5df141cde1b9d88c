/** Catalogue, files and what Kinde publishes, held together. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { eventFixtures } from "../../src/kinde/event-fixtures.ts";
import { eventFixture, eventTypes, type EventFixture } from "../../src/kinde/event-types.ts";
import { stringifySorted, type JsonValue } from "../../src/kinde/json.ts";

const fixtures = eventTypes.map((type) => eventFixture(type));
const typedByKinde = readTypesOfKindePackage();

/** Kinde's docs of 2026, "About webhooks": its triggers by category. */
const categories = {
  authentication: [
    "access_request.created",
    "organization.created",
    "subscriber.created",
    "user.authenticated",
    "user.authentication_failed",
    "user.created",
  ],
  billing: [
    "customer.agreement_cancelled",
    "customer.agreement_created",
    "customer.invoice_overdue",
    "customer.meter_usage_updated",
    "customer.payment_failed",
    "customer.payment_succeeded",
    "customer.plan_assigned",
    "customer.plan_changed",
  ],
  "listed in the 2026 docs only": ["customer.plan_created", "passkey.added", "passkey.removed"],
  "user management": [
    "organization.deleted",
    "organization.updated",
    "permission.created",
    "permission.deleted",
    "permission.updated",
    "role.created",
    "role.deleted",
    "role.updated",
    "user.deleted",
    "user.updated",
  ],
};

test("the catalogue has the 27 event types of Kinde, by category", () => {
  expect(fixtures).toHaveLength(27);
  const typesOf = (category: string): string[] =>
    fixtures.filter((fixture) => fixture.category === category).map(({ type }) => type);
  expect(new Set(fixtures.map(({ category }) => category))).toEqual(new Set(Object.keys(categories)));
  for (const [category, types] of Object.entries(categories)) expect(typesOf(category)).toEqual(types);
});

test("every event type has one file, and every file is in the catalogue", () => {
  const files = readdirSync("fixtures/events");
  expect(files.toSorted()).toEqual(eventTypes.map((type) => `${type}.json`));
  expect(Object.keys(eventFixtures).toSorted()).toEqual(eventTypes);
});

describe.each(fixtures)("$type", (fixture) => {
  test("is what its file holds", () => {
    const text = readFileSync(`fixtures/events/${fixture.type}.json`, "utf8");
    expect(JSON.parse(text)).toEqual(fixture);
    expect(Object.keys(JSON.parse(text) as object)).toEqual([
      "type",
      "category",
      "description",
      "confidence",
      "source",
      "data",
    ]);
  });

  test("has a description and says where its shape is known from", () => {
    expect(fixture.description).toMatch(/^[A-Z].*\.$/);
    expect(fixture.source).not.toBe("");
  });

  test("has the data's keys in alphabetical order at every level, as Kinde writes them", () => {
    expect(JSON.stringify(fixture.data)).toBe(stringifySorted(fixture.data as unknown as JsonValue));
  });

  test("has ids in the shapes of Kinde's, and nobody's real address", () => {
    const wrong = listTexts(fixture.data).filter(
      ([path, text]) =>
        !shapes.every(({ of, shape }) => !(of.test(path) || of.test(text)) || shape.test(text)),
    );
    expect(wrong).toEqual([]);
  });
});

const shapes: { of: RegExp; shape: RegExp }[] = [
  { of: /email$/, shape: /@example\.com$/ },
  { of: /\buser\.id$|user_id$|^kp_/, shape: /^kp_[\da-f]{32}$/ },
  { of: /org_code$|organization\.code$|organizations\.\d+\.code$|^org_/, shape: /^org_[\da-f]{11}$/ },
  { of: /customer_id$/, shape: /^customer_[\da-f]{32}$/ },
  { of: /agreement_id$/, shape: /^agreement_[\da-f]{32}$/ },
  {
    of: /(role|permission|roles\.\d+|permissions\.\d+)\.id$/,
    shape: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/,
  },
  // Kinde's billing dates end so, and `new Date()` can't parse them.
  { of: /_(date|on)$/, shape: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+11$/ },
];

describe("confidence", () => {
  test("is `captured` for the two event types of which a real token is known", () => {
    expect(typesWith("captured")).toEqual(["user.created", "user.updated"]);
  });

  test("is `typed` for the other 14 that @kinde/webhooks declares", () => {
    expect(typedByKinde).toHaveLength(16);
    expect(typesWith("typed")).toEqual(
      typedByKinde.filter((type) => type !== "user.created" && type !== "user.updated"),
    );
  });

  test("is `unverified` for the 11 that no official package declares", () => {
    expect(typesWith("unverified")).toHaveLength(11);
    expect(typesWith("unverified")).toEqual(eventTypes.filter((type) => !typedByKinde.includes(type)));
  });

  test.each(categories["listed in the 2026 docs only"])("%s says that only the 2026 docs list it", (type) => {
    const fixture = fixtures.find((one) => one.type === type);
    expect(fixture?.confidence).toBe("unverified");
    expect(fixture?.source).toContain("Listed in Kinde's 2026 docs only");
  });

  test("customer.plan_created is called doubtful", () => {
    expect(eventFixture("customer.plan_created").source).toContain("doubtful");
  });
});

function typesWith(confidence: EventFixture["confidence"]): string[] {
  return fixtures.filter((fixture) => fixture.confidence === confidence).map(({ type }) => type);
}

/** The event types of the installed package. It exports them as a type only, so they are read from its declarations. */
function readTypesOfKindePackage(): string[] {
  const declarations = readFileSync("node_modules/@kinde/webhooks/dist/types.d.ts", "utf8");
  const [, members = ""] = /enum WebhookEventType \{([^}]*)\}/.exec(declarations) ?? [];
  return [...members.matchAll(/"(.+?)"/g)].map(([, type = ""]) => type).sort();
}

/** Every text inside a value, with its path. */
function listTexts(value: unknown, path = ""): [path: string, text: string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    listTexts(inner, path === "" ? key : `${path}.${key}`),
  );
}

import fc from "fast-check";
import { expect, test } from "vitest";
import { eventTypes, matchesEventType, matchEventTypes } from "../../src/kinde/event-types.ts";

test.each<[patterns: string, type: string, isNamed: boolean]>([
  ["*", "a.type.of.later", true],
  ["*", "", true],
  ["subscription.*", "subscription.started", true],
  ["subscription.*", "subscription.", true],
  ["subscription.*", "subscription", false],
  ["*.started", "subscription.started", true],
  ["sub*.*ed", "subscription.started", true],
  ["subscription.started", "subscription.started", true],
  ["subscription.started", "subscription.started ", false],
  ["subscription.started", "Subscription.Started", false],
  ["user.*, subscription.*", "subscription.started", true],
  ["user.*,role.*", "subscription.started", false],
  ["a*a", "a", false],
  ["a*a", "aa", true],
  // A dot is a dot.
  ["subscription.started", "subscriptionxstarted", false],
])("of event types that nobody knows yet, %j names %j: %s", (patterns, type, isNamed) => {
  expect(matchesEventType(patterns, type)).toBe(isNamed);
});

test("of the event types there are, a pattern names the same in both ways", () => {
  const patterns = ["*", "user.*", "*.deleted", "user.created", "role.*,user.created", "*.*ed", "user.*ated"];
  for (const pattern of patterns) {
    const named = eventTypes.filter((type) => matchesEventType(pattern, type));
    expect(named).toEqual([...matchEventTypes(pattern)].sort());
  }
});

test("any type is named as the same regular expression would, at once", () => {
  const pieces = fc.array(fc.constantFrom("*", "user", "u", "e", ".", "created", "_"), { maxLength: 5 });
  const type = fc.array(fc.constantFrom("user", "u", "e", ".", "created", "_", "x"), { maxLength: 6 });
  fc.assert(
    fc.property(pieces, type, (pattern, parts) => {
      const text = pattern.join("");
      const expression = new RegExp(`^${text.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
      expect(matchesEventType(text, parts.join(""))).toBe(expression.test(parts.join("")));
    }),
    { numRuns: 500 },
  );
  expect(matchesEventType(`${"*e".repeat(5_000)}*x`, "e".repeat(20_000))).toBe(false);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { closest } from "../../src/kinde/closest.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";

test.each([
  ["user.create", "user.created"],
  ["User.Created", "user.created"],
  ["user_created", "user.created"],
  ["organisation.updated", "organization.updated"],
  ["permission.craeted", "permission.created"],
  ["customer.plan_change", "customer.plan_changed"],
])("takes %s for %s", (word, meant) => {
  expect(closest(word, eventTypes)).toBe(meant);
});

test.each(["", "x", "invoice", "webhook.delivered", "user.".repeat(20)])("knows no word near %j", (word) => {
  expect(closest(word, eventTypes)).toBeUndefined();
});

test("counts two swapped letters as one mistake", () => {
  expect(closest("ab", ["ba"])).toBe("ba");
  expect(closest("abc", ["cba"])).toBeUndefined();
});

test("takes the first of words that are equally near", () => {
  expect(closest("--b", ["--a", "--c"])).toBe("--a");
});

test("finds an event type whatever single mistake was made in it", () => {
  const typo = fc
    .record({
      type: fc.constantFrom(...eventTypes),
      position: fc.nat(),
      letter: fc.constantFrom("a", "e", "x", ".", "_", "-"),
      mistake: fc.constantFrom("leftOut", "added", "replaced", "swapped"),
    })
    .map(({ type, position, letter, mistake }) => {
      const at = position % (type.length - 1);
      const [start, here, next, rest] = [type.slice(0, at), type[at], type[at + 1], type.slice(at + 2)];
      const words = {
        leftOut: `${start}${next}${rest}`,
        added: `${start}${letter}${here}${next}${rest}`,
        replaced: `${start}${letter}${next}${rest}`,
        swapped: `${start}${next}${here}${rest}`,
      };
      return { type, word: words[mistake] };
    });
  fc.assert(
    fc.property(typo, ({ type, word }) => {
      expect(closest(word, eventTypes)).toBe(type);
    }),
  );
});

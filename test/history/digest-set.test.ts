import fc from "fast-check";
import { expect, test } from "vitest";
import { createDigestSet } from "../../src/history/digest-set.ts";

test("has exactly the texts that were added", () => {
  // Short ones, so that the same comes again, and long ones.
  const texts = fc.array(
    fc.oneof(fc.string({ unit: "binary", maxLength: 2 }), fc.string({ maxLength: 300 })),
    {
      maxLength: 500,
    },
  );
  fc.assert(
    fc.property(texts, texts, (added, others) => {
      const set = createDigestSet();
      for (const text of added) set.add(text);
      const expected = new Set(added);
      for (const text of [...added, ...others]) expect(set.has(text)).toBe(expected.has(text));
    }),
    { numRuns: 40 },
  );
});

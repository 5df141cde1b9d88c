import fc from "fast-check";
import { expect, test } from "vitest";
import { createQueue } from "../../src/delivery/queue.ts";

interface Waiting {
  readonly item: number;
  readonly due: number;
}

type Step = { readonly add: number } | "shift" | { readonly remove: number };

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ add: fc.integer({ min: 0, max: 5 }) }) },
    { weight: 2, arbitrary: fc.constant("shift" as const) },
    { weight: 1, arbitrary: fc.record({ remove: fc.nat(30) }) },
  ),
  { maxLength: 60 },
);

test("gives what is due first, and of two that are due at once the one that came first", () => {
  fc.assert(
    fc.property(steps, (taken: readonly Step[]) => {
      const queue = createQueue<number>();
      // A stable sort of those that are there says the same.
      let waiting: readonly Waiting[] = [];
      let item = 0;
      const removed: boolean[] = [];
      const wereThere: boolean[] = [];
      for (const step of taken) {
        if (step === "shift") {
          queue.shift();
          waiting = waiting.slice(1);
        } else if ("add" in step) {
          queue.add(item, step.add);
          waiting = [...waiting, { item: item++, due: step.add }].sort((a, b) => a.due - b.due);
        } else {
          removed.push(queue.remove(step.remove));
          wereThere.push(waiting.some((each) => each.item === step.remove));
          waiting = waiting.filter((each) => each.item !== step.remove);
        }
        expect(removed).toEqual(wereThere);
        expect(queue.first()).toEqual(waiting[0]);
        expect(queue.items()).toEqual(waiting.map((each) => each.item));
      }
    }),
  );
});

test("who holds the items of a moment keeps them, whatever comes after", () => {
  const queue = createQueue<string>();
  queue.add("a", 1);
  const held = queue.items();
  queue.shift();
  expect([held, queue.items()]).toEqual([["a"], []]);
});

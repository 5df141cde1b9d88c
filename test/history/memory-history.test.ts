import { expect, test } from "vitest";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";

test("keeps so many deliveries and no more; those that changed long ago go first", async () => {
  const history = createMemoryHistory(3);
  for (const id of ["a", "b", "c", "a", "d"]) await history.append(sampleDelivery({ id }));
  expect((await history.list({ limit: 10 })).map(({ id }) => id)).toEqual(["d", "a", "c"]);
  expect(await history.get("b")).toBeUndefined();
});

test("a newer state takes no room of another delivery", async () => {
  const history = createMemoryHistory(2);
  for (const id of ["a", "b", "b", "b"]) await history.append(sampleDelivery({ id }));
  expect((await history.list({ limit: 10 })).map(({ id }) => id)).toEqual(["b", "a"]);
});

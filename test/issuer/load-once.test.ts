import { expect, test } from "vitest";
import { loadOnce } from "../../src/issuer/load-once.ts";

test("loads once for all who ask", async () => {
  let count = 0;
  const load = loadOnce(() => Promise.resolve(++count));
  expect(await Promise.all([load(), load()])).toEqual([1, 1]);
  expect(await load()).toBe(1);
});

test("a load that fails is told to all who wait for it, and tried again for who asks then", async () => {
  let count = 0;
  const load = loadOnce(() =>
    ++count === 1 ? Promise.reject(new Error("not yet")) : Promise.resolve(count),
  );
  const failed = { status: "rejected", reason: { message: "not yet" } };
  expect(await Promise.allSettled([load(), load()])).toMatchObject([failed, failed]);
  expect(await load()).toBe(2);
});

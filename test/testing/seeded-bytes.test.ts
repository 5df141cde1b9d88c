import { expect, test } from "vitest";
import { createSeededBytes } from "../../src/testing/seeded-bytes.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("bytes follow from the seed, in whatever portions they are drawn", () => {
  const whole = hex(createSeededBytes("seed")(100));
  const draw = createSeededBytes("seed");
  expect([1, 31, 32, 33, 3].map((size) => hex(draw(size))).join("")).toBe(whole);
});

test("no part of them comes again", () => {
  const draw = createSeededBytes("7");
  const parts = Array.from({ length: 1_000 }, () => hex(draw(16)));
  expect(new Set(parts).size).toBe(parts.length);
});

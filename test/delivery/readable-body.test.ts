import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readableBody } from "../../src/delivery/readable-body.ts";

const text = Array.from({ length: 5_000 }, (_, line) => `at line ${(line * 7919) % 10_007}`).join("\n");

test.each([
  ["gzip", gzipSync(text)],
  ["x-gzip", gzipSync(text)],
  ["deflate", deflateSync(text)],
  ["br", brotliCompressSync(text)],
  [" GZIP ", gzipSync(text)],
])("undoes %s", async (encoding, body) => {
  expect((await readableBody(body, encoding)).toString()).toBe(text);
});

test.each([
  ["gzip", gzipSync(text)],
  ["br", brotliCompressSync(text)],
])("reads what there is of a %s body that was cut off", async (encoding, body) => {
  const read = await readableBody(body.subarray(0, Math.floor(body.length * 0.9)), encoding);
  expect(read.length).toBeGreaterThan(text.length / 2);
  expect(text.startsWith(read.toString())).toBe(true);
});

test.each([
  ["an unknown coding", "zstd", Buffer.from("as it came")],
  ["two codings", "gzip, br", Buffer.from("as it came")],
  ["no coding at all", "gzip", Buffer.from("as it came")],
  ["a body that unpacks to gigabytes", "gzip", gzipSync(Buffer.alloc(8 << 20))],
])("leaves %s as it is", async (_what, encoding, body) => {
  expect(await readableBody(body, encoding)).toEqual(body);
});

import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readBackwards } from "../../src/history/read-backwards.ts";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";

test("gives every line of a file once, the last first, whatever its chunks are", async () => {
  using temporary = createTemporaryDirectory();
  const path = join(temporary.path, "lines");
  const line = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constant("é€😀".repeat(100)),
    fc.constant(""),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 400 }), async (lines, chunkBytes) => {
      const bytes = Buffer.from(lines.join("\n"));
      writeFileSync(path, bytes);
      expect(await readAll(path, bytes.length, chunkBytes)).toEqual(expectedLines(bytes).toReversed());
    }),
    { numRuns: 200 },
  );
});

test("leaves out what was appended after the size was asked for", async () => {
  using temporary = createTemporaryDirectory();
  const path = join(temporary.path, "lines");
  writeFileSync(path, "one\ntwo\nthree\n");
  expect(await readAll(path, 8, 3)).toEqual([
    { text: "two", offset: 4 },
    { text: "one", offset: 0 },
  ]);
});

test("ends where a file has become shorter meanwhile", async () => {
  using temporary = createTemporaryDirectory();
  const path = join(temporary.path, "lines");
  writeFileSync(path, "one\n");
  expect(await readAll(path, 100, 10)).toEqual([]);
});

interface ReadLine {
  readonly text: string;
  readonly offset: number;
}

async function readAll(path: string, size: number, chunkBytes: number): Promise<readonly ReadLine[]> {
  const file = openSync(path, "r");
  const read: ReadLine[] = [];
  try {
    for await (const lines of readBackwards(file, size, chunkBytes)) {
      for (const { bytes, offset } of lines) read.push({ text: bytes.toString(), offset });
    }
  } finally {
    closeSync(file);
  }
  return read;
}

/** The same by reading all at once. */
function expectedLines(bytes: Buffer): readonly ReadLine[] {
  let offset = 0;
  return bytes
    .toString("latin1")
    .split("\n")
    .flatMap((line) => {
      const start = offset;
      offset += line.length + 1;
      return line === "" ? [] : [{ text: Buffer.from(line, "latin1").toString(), offset: start }];
    });
}

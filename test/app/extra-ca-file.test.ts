import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { writeExtraCaFile } from "../../src/app/extra-ca-file.ts";
import { createTemporaryDirectory, type TemporaryDirectory } from "../helpers/temporary-directory.ts";

const ours = "-----BEGIN CERTIFICATE-----\nb3Vycw==\n-----END CERTIFICATE-----\n";
const theirs = "-----BEGIN CERTIFICATE-----\ndGhlaXJz\n-----END CERTIFICATE-----";

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = createTemporaryDirectory();
  // Where temporary files go, so that what is left can be seen.
  mkdirSync(join(directory.path, "tmp"));
  vi.stubEnv("TMPDIR", join(directory.path, "tmp"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  directory[Symbol.dispose]();
});

describe("the file for NODE_EXTRA_CA_CERTS", () => {
  test.each([
    ["nothing was named", undefined],
    ["the variable is empty", ""],
  ])("holds our CA alone where %s", (_, former) => {
    const file = writeExtraCaFile(ours, former);
    expect(readFileSync(file.path, "utf8")).toBe(ours);
    expect(file.failure).toBeUndefined();
  });

  test("holds what was named before too, each certificate on lines of its own", () => {
    const former = join(directory.path, "former.pem");
    writeFileSync(former, theirs);
    const file = writeExtraCaFile(ours, former);
    expect(readFileSync(file.path, "utf8")).toBe(`${theirs}\n${ours}`);
    expect(readFileSync(former, "utf8")).toBe(theirs);
  });

  test("is for its owner alone", () => {
    const { path } = writeExtraCaFile(ours, undefined);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  test("is another for each that asks", () => {
    expect(writeExtraCaFile(ours, undefined).path).not.toBe(writeExtraCaFile(ours, undefined).path);
  });

  test("leaves nothing when it is removed, however often", () => {
    const file = writeExtraCaFile(ours, undefined);
    expect(existsSync(file.path)).toBe(true);
    file.remove();
    file.remove();
    expect(readdirSync(tmpdir())).toEqual([]);
  });

  test.each([
    ["is missing", () => join(directory.path, "missing.pem"), "ENOENT"],
    ["is a directory", () => directory.path, "EISDIR"],
  ])("holds our CA alone where the one that was named %s, and says why", (_, former, code) => {
    const file = writeExtraCaFile(ours, former());
    expect(readFileSync(file.path, "utf8")).toBe(ours);
    expect(file.failure).toMatchObject({ code });
  });

  test("that can't be written is ERR_TEMPORARY_FILE", () => {
    vi.stubEnv("TMPDIR", join(directory.path, "missing"));
    expect(() => writeExtraCaFile(ours, undefined)).toThrow(
      expect.objectContaining({
        code: "ERR_TEMPORARY_FILE",
        message: expect.stringContaining("TMPDIR") as string,
      }),
    );
  });
});

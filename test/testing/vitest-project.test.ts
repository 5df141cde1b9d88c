/** `kinde-devhook/vitest` in a project of its own, whose files run one after the other in one process. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";

const testFile = `
  import { appendFileSync } from "node:fs";
  import { expect } from "vitest";
  import { test } from "kinde-devhook/vitest";
  import { isUserError } from "kinde-devhook";

  const atImport = process.env.KINDE_ISSUER_URL;
  let inBeforeAll;
  test.beforeAll(() => { inBeforeAll = process.env.KINDE_ISSUER_URL; });
  test("has a mock", async ({ kinde }) => {
    const error = await kinde.emit("user.created").catch((reason) => reason);
    expect(isUserError(error)).toBe(true);
    const seen = {
      pid: process.pid,
      atImport,
      inBeforeAll,
      inTest: process.env.KINDE_ISSUER_URL,
      issuer: kinde.issuer,
      code: error.code,
    };
    appendFileSync(process.env.SEEN, JSON.stringify(seen) + "\\n");
  });
`;

interface Seen {
  readonly pid: number;
  readonly atImport: string | undefined;
  readonly inBeforeAll: string;
  readonly inTest: string;
  readonly issuer: string;
  readonly code: string;
}

test.each([
  ["restores what KINDE_ISSUER_URL was", "https://acme.kinde.com"],
  ["removes KINDE_ISSUER_URL where it was not set", undefined],
])("after a file the fixture %s", async (_, issuer) => {
  using project = createTemporaryDirectory();
  const { path } = project;
  mkdirSync(join(path, "node_modules"));
  symlinkSync(process.cwd(), join(path, "node_modules/kinde-devhook"));
  symlinkSync(join(process.cwd(), "node_modules/vitest"), join(path, "node_modules/vitest"));
  writeFileSync(join(path, "package.json"), `{"type":"module"}`);
  for (const name of ["one", "two"]) writeFileSync(join(path, `${name}.test.js`), testFile);

  const seenFile = join(path, "seen.ndjson");
  const vitest = join(process.cwd(), "node_modules/vitest/vitest.mjs");
  await promisify(execFile)(
    process.execPath,
    [vitest, "run", "--no-isolate", "--maxWorkers=1", "--pool=forks"],
    {
      cwd: path,
      env: {
        PATH: process.env["PATH"],
        NO_COLOR: "1",
        SEEN: seenFile,
        ...(issuer !== undefined && { KINDE_ISSUER_URL: issuer }),
      },
    },
  );

  const seen = readFileSync(seenFile, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Seen);
  expect(seen).toHaveLength(2);
  for (const each of seen) {
    expect(each).toMatchObject({ code: "ERR_NO_WEBHOOK", inBeforeAll: each.issuer, inTest: each.issuer });
    expect(each.atImport).toBe(issuer);
  }
  const [one, two] = seen;
  expect(one?.pid).toBe(two?.pid);
});

/** `kinde-devhook/vitest` in a project of its own, whose files run one after the other in one process. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createTemporaryDirectory, type TemporaryDirectory } from "../helpers/temporary-directory.ts";

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
  using project = createProject({ "one.test.js": testFile, "two.test.js": testFile });
  const seenFile = join(project.path, "seen.ndjson");
  await runVitest(project.path, {
    SEEN: seenFile,
    ...(issuer !== undefined && { KINDE_ISSUER_URL: issuer }),
  });

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

test("several makers in a file name each its own mock, and leave the variable as it was", async () => {
  const makers = `
    import { expect } from "vitest";
    import { createTest, test } from "kinde-devhook/vitest";
    const [second, third] = [createTest({ now: 1 }), createTest({ now: 2 })];
    const issuers = new Set();
    for (const maker of [test, second, third, test]) {
      maker("takes its own", ({ kinde }) => {
        expect(process.env.KINDE_ISSUER_URL).toBe(kinde.issuer);
        issuers.add(kinde.issuer);
      });
    }
    test("has it named without taking it", () => {
      expect(process.env.KINDE_ISSUER_URL).toBe([...issuers][0]);
      expect(issuers.size).toBe(3);
    });
  `;
  const after = `
    import { expect, test } from "vitest";
    test("is another's", () => expect(process.env.KINDE_ISSUER_URL).toBe("https://acme.kinde.com"));
  `;
  using project = createProject({ "a.test.js": makers, "b.test.js": after });
  const running = runVitest(project.path, { KINDE_ISSUER_URL: "https://acme.kinde.com" });
  await expect(running).resolves.toContain("6 passed");
});

test("a test that closes the mock of its file is named as the cause when the next one wants it", async () => {
  const closing = `
    import { test } from "kinde-devhook/vitest";
    test("closes it", async ({ kinde }) => await kinde.close());
    test("wants it", ({ kinde }) => {});
  `;
  using project = createProject({ "closing.test.js": closing });
  const failure = (await runVitest(project.path, {}).catch((error: unknown) => error)) as {
    readonly stdout: string;
    readonly stderr: string;
  };
  expect(failure.stdout).toContain("1 failed | 1 passed");
  expect(failure.stderr).toContain("A test of this file has closed it");
});

function createProject(files: Readonly<Record<string, string>>): TemporaryDirectory {
  const directory = createTemporaryDirectory();
  const { path } = directory;
  mkdirSync(join(path, "node_modules"));
  symlinkSync(process.cwd(), join(path, "node_modules/kinde-devhook"));
  symlinkSync(join(process.cwd(), "node_modules/vitest"), join(path, "node_modules/vitest"));
  for (const [name, text] of Object.entries({ "package.json": `{"type":"module"}`, ...files })) {
    writeFileSync(join(path, name), text);
  }
  return directory;
}

/** All files in one process, one after the other. @returns what vitest printed @throws when a test failed, with that */
async function runVitest(cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  const vitest = join(process.cwd(), "node_modules/vitest/vitest.mjs");
  const args = [vitest, "run", "--no-isolate", "--maxWorkers=1", "--pool=forks"];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd,
    env: { PATH: process.env["PATH"], NO_COLOR: "1", ...env },
  });
  return stdout;
}

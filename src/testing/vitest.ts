/// <reference types="node" preserve="true" />
/** `kinde-devhook/vitest`: vitest's `test` with a fake Kinde in it. */
import { test as baseTest, type TestAPI } from "vitest";
import { MockClosedError, VitestTooOldError } from "./errors.ts";
import { holdIssuerVariable, setIssuerVariable } from "./issuer-variable.ts";
import type { MockKinde, StartMockKindeOptions } from "./mock-kinde.ts";
import { startMockKinde } from "./start-mock-kinde.ts";

export interface KindeFixtures {
  /** The fake Kinde of this test file, without what other tests of it have emitted. */
  readonly kinde: MockKinde;
}

/** The mocks of one test file, by who has asked for them. */
interface MocksOfFile {
  start(owner: object, options: StartMockKindeOptions): Promise<MockKinde>;
}

/**
 * vitest's `test` with a `kinde` fixture of your options. One mock serves all its tests of a file, and in each of them
 * `KINDE_ISSUER_URL` names it: import there what reads that variable. (From vitest 4.1 on `test.beforeAll` will do as well;
 * vitest's own `beforeAll` comes too early.) Before each test the mock is as if just started; tests that run concurrently
 * share it as it is.
 */
export function createTest(options: StartMockKindeOptions = {}): TestAPI<KindeFixtures> {
  const owner = {};
  const seen = new WeakMap<object, MocksOfFile>();
  return baseTest.extend<KindeFixtures & { readonly mocksOfFile: MocksOfFile }>({
    mocksOfFile: [
      // A mock for each test would be a new issuer for each, and apps keep the first JWKS they get.
      // vitest reads from the pattern itself which fixtures this one needs.
      // oxlint-disable-next-line no-empty-pattern
      async ({}, use) => {
        const giveBack = holdIssuerVariable();
        const mocks = createMocks();
        try {
          setIssuerVariable((await mocks.start(owner, options)).issuer);
          await use(mocks);
        } finally {
          giveBack();
          await mocks.close();
        }
      },
      { scope: "file", auto: true },
    ],
    kinde: [
      async ({ mocksOfFile, task }, use) => {
        if ((seen.get(task.file) ?? mocksOfFile) !== mocksOfFile) throw new VitestTooOldError();
        seen.set(task.file, mocksOfFile);
        // Before 4.1 vitest keeps one fixture of a name for a whole file: it may be that of another createTest.
        const kinde = await mocksOfFile.start(owner, options);
        if (task.concurrent !== true) await reset(kinde);
        // A test, or vitest between two of them, may have put its own in the place.
        setIssuerVariable(kinde.issuer);
        await use(kinde);
      },
      { auto: true },
    ],
  });
}

/** vitest's `test` with a `kinde` fixture: a fake Kinde without webhooks. */
export const test: TestAPI<KindeFixtures> = createTest();

function createMocks(): MocksOfFile & { close(): Promise<void> } {
  const mocks = new Map<object, Promise<MockKinde>>();
  return {
    start: (owner, options) => {
      const mock = mocks.get(owner) ?? startMockKinde(options);
      mocks.set(owner, mock);
      return mock;
    },
    close: async () => {
      for (const mock of await Promise.allSettled(mocks.values())) {
        if (mock.status === "fulfilled") await mock.value.close();
      }
    },
  };
}

async function reset(kinde: MockKinde): Promise<void> {
  try {
    await kinde.reset();
  } catch (error) {
    if (!(error instanceof MockClosedError)) throw error;
    throw new MockClosedError(
      "use kinde",
      "A test of this file has closed it; the fixture does that by itself.",
    );
  }
}

/// <reference types="node" preserve="true" />
/** `kinde-devhook/vitest`: vitest's `test` with a fake Kinde in it. */
import { test as baseTest, type TestAPI } from "vitest";
import type { MockKinde, StartMockKindeOptions } from "./mock-kinde.ts";
import { startMockKinde } from "./start-mock-kinde.ts";

export interface KindeFixtures {
  /** The fake Kinde of this test file, without what other tests of it have emitted. */
  readonly kinde: MockKinde;
}

/**
 * vitest's `test` with a `kinde` fixture of your options. One mock serves all tests of a file, and while it runs
 * `KINDE_ISSUER_URL` names it, from before `test.beforeAll` on (vitest's own `beforeAll` comes first): import there, or
 * in the test, what reads that variable.
 * Before each test it is as if just started; tests that run concurrently share it as it is.
 */
export function createTest(options: StartMockKindeOptions = {}): TestAPI<KindeFixtures> {
  return baseTest.extend<KindeFixtures & { readonly kindeOfFile: MockKinde }>({
    kindeOfFile: [
      // A mock for each test would be a new issuer for each, and apps keep the first JWKS they get.
      // vitest reads from the pattern itself which fixtures this one needs.
      // oxlint-disable-next-line no-empty-pattern
      async ({}, use) => {
        // Not `await using`: the pools of vitest that run tests in a vm context have no Symbol.asyncDispose on Node 20.
        const kinde = await startMockKinde(options);
        const before = process.env["KINDE_ISSUER_URL"];
        process.env["KINDE_ISSUER_URL"] = kinde.issuer;
        try {
          await use(kinde);
        } finally {
          if (before === undefined) delete process.env["KINDE_ISSUER_URL"];
          else process.env["KINDE_ISSUER_URL"] = before;
          await kinde.close();
        }
      },
      { scope: "file", auto: true },
    ],
    kinde: async ({ kindeOfFile, task }, use) => {
      if (task.concurrent !== true) await kindeOfFile.reset();
      // A test, or vitest between two of them, may have put its own in the place.
      process.env["KINDE_ISSUER_URL"] = kindeOfFile.issuer;
      await use(kindeOfFile);
    },
  });
}

/** vitest's `test` with a `kinde` fixture: a fake Kinde without webhooks. */
export const test: TestAPI<KindeFixtures> = createTest();

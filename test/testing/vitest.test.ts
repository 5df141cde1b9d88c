// The linter does not know a `test` that createTest has made.
/* oxlint-disable vitest/no-standalone-expect */
import { beforeAll, beforeEach, describe, expect } from "vitest";
import { createTest } from "../../src/testing/vitest.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";

const receiver = await startReceiver();
const before = process.env["KINDE_ISSUER_URL"];
const test = createTest({
  signingKey,
  randomSeed: "fixture",
  webhooks: [{ endpoint: receiver.url, eventTypes: ["user.*", "role.*"] }],
});

const seen: { readonly issuers: Set<string>; readonly tokens: string[] } = { issuers: new Set(), tokens: [] };
let issuerBeforeAll: string | undefined;

beforeAll(() => async () => await receiver[Symbol.asyncDispose]());
test.beforeAll(() => {
  issuerBeforeAll = process.env["KINDE_ISSUER_URL"];
});

describe("the kinde fixture", () => {
  for (const round of ["first", "second"]) {
    test(`is as if just started, with the options of the file, in the ${round} test`, async ({ kinde }) => {
      expect(kinde.deliveries).toEqual([]);
      const delivery = await kinde.emit("user.created");
      expect(delivery).toMatchObject({ endpoint: receiver.url, state: "delivered" });
      await expect(kinde.emit("permission.created")).rejects.toMatchObject({ code: "ERR_NO_WEBHOOK" });
      seen.issuers.add(kinde.issuer);
      seen.tokens.push(delivery.webhookId ?? "");
    });
  }

  test("is one mock for the file", ({ kinde }) => {
    expect([...seen.issuers]).toEqual([kinde.issuer]);
    expect(kinde.signingKey).toBe(signingKey);
  });

  test("draws the same ids in each test", () => {
    expect(seen.tokens).toHaveLength(2);
    expect(new Set(seen.tokens).size).toBe(1);
  });

  test("is named by KINDE_ISSUER_URL, in beforeAll already", ({ kinde }) => {
    expect(process.env["KINDE_ISSUER_URL"]).toBe(kinde.issuer);
    expect(issuerBeforeAll).toBe(kinde.issuer);
    expect(before).not.toBe(kinde.issuer);
    process.env["KINDE_ISSUER_URL"] = "https://changed.example";
  });

  test("is named by it again after a test that changed it", ({ kinde }) => {
    expect(process.env["KINDE_ISSUER_URL"]).toBe(kinde.issuer);
  });

  let tries = 0;
  test("begins anew when a test is tried again", { retry: 1 }, async ({ kinde }) => {
    expect(kinde.deliveries).toEqual([]);
    await kinde.emit("user.created");
    expect(++tries).toBe(2);
  });
});

describe.concurrent("tests that run at once", () => {
  let tell: () => void = () => {};
  const hasEmitted = new Promise<void>((resolve) => (tell = resolve));
  // Hooks come before fixtures.
  beforeEach(({ task }) => (task.name.startsWith("the second") ? hasEmitted : undefined));

  test("the first loses nothing to one that begins later", async ({ kinde, expect: check }) => {
    const delivery = await kinde.emit("user.updated");
    tell();
    await kinde.waitFor("role.updated");
    check(kinde.deliveries).toContainEqual(delivery);
  });

  test("the second sees what the first has emitted", async ({ kinde, expect: check }) => {
    check(await kinde.waitFor("user.updated")).toMatchObject({ state: "delivered" });
    await kinde.emit("role.updated");
  });
});

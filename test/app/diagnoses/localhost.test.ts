import { expect, test } from "vitest";
import { checkLocalhost } from "../../../src/app/diagnoses/localhost.ts";

test.each([
  ["both families", ["127.0.0.1", "::1"], "pass"],
  ["one alone", ["::1"], "pass"],
  ["another address of the loopback", ["127.0.1.1"], "pass"],
  ["another machine", ["192.0.2.7"], "fail"],
  ["another machine beside this one", ["127.0.0.1", "192.0.2.7"], "fail"],
])("localhost that is %s comes to its verdict", async (_what, addresses, verdict) => {
  const finding = await checkLocalhost(() =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))),
  );
  expect(finding.verdict).toBe(verdict);
  expect(finding.code).toBe(verdict === "fail" ? "ERR_LOCALHOST" : undefined);
});

test("localhost that no resolver knows must be fixed", async () => {
  const unknown = Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" });
  expect(await checkLocalhost(() => Promise.reject(unknown))).toMatchObject({
    verdict: "fail",
    code: "ERR_LOCALHOST",
    message: expect.stringContaining("ENOTFOUND"),
  });
});

test("localhost is asked of this system", async () => {
  expect((await checkLocalhost()).message).toMatch(/^localhost is (127\.|::1|.* and )/);
});

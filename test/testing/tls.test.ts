import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { json } from "node:stream/consumers";
import { afterEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import { startMockKinde, type MockKinde, type MockTls } from "../../src/index.ts";
import { signingKey } from "../helpers/keys.ts";

afterEach(() => void vi.useRealTimers());

describe("tls()", () => {
  test("gives the issuer on https, at the port of http, and the CA that vouches for it", async () => {
    await using kinde = await startMockKinde({ signingKey });
    const { issuer, ca } = await kinde.tls();
    expect(issuer).toBe(`https://localhost:${kinde.port}`);
    expect(new X509Certificate(ca).ca).toBe(true);
    expect(await discover(issuer, ca)).toMatchObject({ issuer });
    expectTypeOf<MockKinde["tls"]>().toEqualTypeOf<() => Promise<MockTls>>();
  });

  test("gives one CA for all mocks of a process", async () => {
    await using first = await startMockKinde({ signingKey });
    await using second = await startMockKinde({ signingKey });
    const [{ ca }, other] = await Promise.all([first.tls(), second.tls()]);
    expect(other.ca).toBe(ca);
    for (const { issuer } of [await first.tls(), other]) {
      expect(await discover(issuer, ca)).toMatchObject({ issuer });
    }
  });

  test("works as ever after a reset", async () => {
    await using kinde = await startMockKinde({ signingKey });
    const { issuer, ca } = await kinde.tls();
    await kinde.reset();
    expect(await discover(issuer, ca)).toMatchObject({ issuer });
  });

  // OpenSSL asks the system for the time.
  test("is not held by a test that holds the time, nor by the mock's own", async () => {
    vi.resetModules();
    const { startMockKinde: startAnother } = await import("../../src/index.ts");
    vi.useFakeTimers({ now: 0 });
    await using kinde = await startAnother({ signingKey, now: Date.parse("2001-02-03") });
    const { issuer, ca } = await kinde.tls();
    expect(await discover(issuer, ca)).toMatchObject({ issuer });
  });
});

async function discover(issuer: string, ca: string): Promise<unknown> {
  const [response] = (await once(
    get(`${issuer}/.well-known/openid-configuration`, { ca, agent: false }),
    "response",
  )) as [IncomingMessage];
  return await json(response);
}

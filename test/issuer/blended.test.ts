/** The JWKS of two issuers, as an app gets it. */
import { describe, expect, test } from "vitest";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { startIssuer, type Issuer, type IssuerOptions } from "../../src/issuer/server.ts";
import type { Jwks } from "../../src/kinde/jwks.ts";
import { createBlendedJwks } from "../../src/trust/blended-jwks.ts";
import { createRemoteJwks } from "../../src/trust/remote-jwks.ts";
import { foreignKey, signingKey, signingKeys } from "../helpers/keys.ts";
import { startStandInKinde, type StandInKinde } from "../helpers/stand-in-kinde.mjs";
import { ask, errorCode } from "./ask.ts";

const jwksPath = "/.well-known/jwks";
const control = { project: "/project", token: "token", keys: signingKeys, history: createMemoryHistory() };

async function start(options: Omit<IssuerOptions, "port" | "control">): Promise<Issuer & AsyncDisposable> {
  const issuer = await startIssuer({ port: 0, control, ...options });
  return { ...issuer, [Symbol.asyncDispose]: () => issuer.close() };
}

/** A local issuer whose set is blended with that of a stand-in for Kinde. */
async function startBlended(kinde: StandInKinde, timeoutMs = 10_000): Promise<Issuer & AsyncDisposable> {
  const blended = createBlendedJwks({
    localIssuer: "http://localhost:4455",
    localKeys: signingKeys.jwks,
    remote: createRemoteJwks(kinde.issuer, { timeoutMs }),
  });
  return await start({ jwks: () => blended.jwks(), realIssuer: kinde.issuer });
}

async function startKinde(): Promise<StandInKinde> {
  return await startStandInKinde({ privateJwk: foreignKey.privateKey.export({ format: "jwk" }) });
}

function kidsOf({ json }: { readonly json: unknown }): string[] {
  return (json as Jwks).keys.map(({ kid }) => kid);
}

describe("the blended set", () => {
  test.each([jwksPath, "/.well-known/jwks.json", `/${jwksPath}`])(
    "is at %s: Kinde's keys and ours",
    async (path) => {
      await using kinde = await startKinde();
      await using issuer = await startBlended(kinde);
      const answered = await ask(issuer.port, path);
      expect(answered.status).toBe(200);
      expect(kidsOf(answered)).toEqual([kinde.kid, signingKey.kid]);
      expect(issuer.hasServedJwks()).toBe(true);
    },
  );

  test("is answered to HEAD by its length alone", async () => {
    await using kinde = await startKinde();
    await using issuer = await startBlended(kinde);
    const { body } = await ask(issuer.port, jwksPath);
    const head = await ask(issuer.port, jwksPath, { method: "HEAD" });
    expect(head).toMatchObject({ status: 200, body: "" });
    expect(head.headers["content-length"]).toBe(String(Buffer.byteLength(body)));
  });

  test.each(["error", "html", "empty"] as const)(
    "is ours alone while Kinde answers with %s",
    async (mode) => {
      await using kinde = await startKinde();
      kinde.answerJwksWith(mode);
      await using issuer = await startBlended(kinde);
      expect(kidsOf(await ask(issuer.port, jwksPath))).toEqual([signingKey.kid]);
    },
  );

  test("is ours alone when Kinde has not answered in time", async () => {
    await using kinde = await startKinde();
    kinde.answerJwksWith("never");
    // Long enough for the request to come there on a busy machine.
    await using issuer = await startBlended(kinde, 2_000);
    const asked = ask(issuer.port, jwksPath);
    expect(kidsOf(await asked)).toEqual([signingKey.kid]);
    expect(kinde.requests).toEqual([jwksPath]);
  });

  test("is asked of Kinde once, however many ask for it", async () => {
    await using kinde = await startKinde();
    await using issuer = await startBlended(kinde);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(issuer.port, jwksPath)));
    expect(new Set(answers.map(({ body }) => body))).toHaveLength(1);
    expect(kinde.requests).toHaveLength(1);
  });
});

describe("a set that is still fetched", () => {
  test("is waited for, and counts as served when it was", async () => {
    let give = (_jwks: Jwks): void => {};
    let isAsked = (): void => {};
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const fetched = new Promise<Jwks>((resolve) => (give = resolve));
    await using issuer = await start({
      jwks: () => {
        isAsked();
        return fetched;
      },
    });
    const answering = ask(issuer.port, jwksPath);
    await asked;
    expect(issuer.hasServedJwks()).toBe(false);
    give({ keys: [signingKey.publicJwk] });
    expect(kidsOf(await answering)).toEqual([signingKey.kid]);
    expect(issuer.hasServedJwks()).toBe(true);
  });

  test("and can't be had is 500, and was not served", async () => {
    await using issuer = await start({ jwks: () => Promise.reject(new Error("a bug of ours")) });
    const answered = await ask(issuer.port, jwksPath);
    expect([answered.status, errorCode(answered)]).toEqual([500, "ERR_INTERNAL"]);
    expect(issuer.hasServedJwks()).toBe(false);
  });
});

test("a set that has changed is served as it is now", async () => {
  let jwks: Jwks = { keys: [signingKey.publicJwk] };
  await using issuer = await start({ jwks: () => jwks });
  expect(kidsOf(await ask(issuer.port, jwksPath))).toEqual([signingKey.kid]);
  jwks = { keys: [signingKey.publicJwk, foreignKey.publicJwk] };
  expect(kidsOf(await ask(issuer.port, jwksPath))).toEqual([signingKey.kid, foreignKey.kid]);
});

/** Keys of a mock that are rotated and retired in a test. */
import { describe, expect, test } from "vitest";
import { createRemoteJwks, startMockKinde, verifyToken, type MockKinde } from "../../src/index.ts";
import { exportPrivateJwk } from "../../src/kinde/signing-key.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { refusalOf, refused, type Untyped } from "./refusal.ts";

describe("a mock whose key is rotated", () => {
  test("signs what it emits and gives with the new key, and the JWKS has both", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    const old = await tokenOf(kinde);
    const key = await kinde.rotateKey();
    expect(key.kid).not.toBe(signingKey.kid);
    expect(kinde.signingKey).toBe(key);
    expect(await kinde.emit("user.created")).toMatchObject({ verification: { kid: key.kid } });
    const tokens = [old, await tokenOf(kinde), (await receiver.next()).body.toString()];
    const verified = await Promise.all(
      tokens.map((token) => verifyToken(token, createRemoteJwks(kinde.issuer))),
    );
    expect(verified.map((one) => one.status === "verified" && one.kid)).toEqual([
      signingKey.kid,
      key.kid,
      key.kid,
    ]);
  });

  test("signs with a key that is given", async () => {
    await using kinde = await startMockKinde({ signingKey });
    expect(await kinde.rotateKey(foreignKey)).toBe(foreignKey);
    expect(await reasonAgainst(kinde, await tokenOf(kinde))).toBeUndefined();
    expect(await fetchKids(kinde)).toEqual([foreignKey.kid, signingKey.kid]);
  });

  test("leaves every other mock of the process its own", async () => {
    await using first = await startMockKinde();
    await using second = await startMockKinde();
    const { kid } = second.signingKey;
    await first.rotateKey(foreignKey);
    expect(second.signingKey.kid).toBe(kid);
    expect(await fetchKids(second)).toEqual([kid]);
  });

  test("has its first key alone after a reset: no test's rotation reaches the next", async () => {
    await using kinde = await startMockKinde({ signingKey });
    await kinde.rotateKey(foreignKey);
    const token = await tokenOf(kinde);
    await kinde.reset();
    expect(kinde.signingKey).toBe(signingKey);
    expect(await fetchKids(kinde)).toEqual([signingKey.kid]);
    expect(await reasonAgainst(kinde, token)).toBe("ERR_UNKNOWN_KID");
  });
});

describe("a key that is retired", () => {
  test("verifies no more: all that were rotated, or one of them", async () => {
    await using kinde = await startMockKinde({ signingKey });
    const old = await tokenOf(kinde);
    await kinde.rotateKey(foreignKey);
    const { kid } = await kinde.rotateKey();
    await kinde.retireKey(signingKey.kid.slice(0, 23));
    expect(await fetchKids(kinde)).toEqual([kid, foreignKey.kid]);
    expect(await reasonAgainst(kinde, old)).toBe("ERR_UNKNOWN_KID");
    await kinde.retireKey();
    expect(await fetchKids(kinde)).toEqual([kid]);
    await kinde.retireKey();
    expect(await fetchKids(kinde)).toEqual([kid]);
  });

  test.each([
    ["is not there", "zz", "ERR_UNKNOWN_KEY"],
    ["signs", signingKey.kid, "ERR_KEY_SIGNS"],
  ])("is none that %s: %s is refused", async (_which, kid, code) => {
    await using kinde = await startMockKinde({ signingKey });
    await expect(kinde.retireKey(kid)).rejects.toMatchObject({ code });
    expect(await fetchKids(kinde)).toEqual([signingKey.kid]);
  });
});

describe("a key that is made while the mock", () => {
  test.each<[string, string, (kinde: MockKinde) => Promise<void>]>([
    ["is reset", "ERR_MOCK_RESET", (kinde) => kinde.reset()],
    ["is closed", "ERR_MOCK_CLOSED", (kinde) => kinde.close()],
  ])("%s is not that of what comes after: %s", async (_what, code, end) => {
    await using kinde = await startMockKinde({ signingKey });
    const rotating = kinde.rotateKey();
    const [, outcome] = await Promise.all([end(kinde), refusalOf(() => rotating, [])]);
    expect(outcome).toMatchObject({ code, message: expect.stringContaining("rotate the key") as string });
    expect(kinde.signingKey).toBe(signingKey);
  });
});

describe("a closed mock", () => {
  test.each<[string, (kinde: MockKinde) => Promise<unknown>]>([
    ["rotateKey", (kinde) => kinde.rotateKey()],
    ["retireKey", (kinde) => kinde.retireKey()],
  ])("refuses %s: ERR_MOCK_CLOSED", async (_verb, call) => {
    const kinde = await startMockKinde({ signingKey });
    await kinde.close();
    await expect(call(kinde)).rejects.toMatchObject({ code: "ERR_MOCK_CLOSED" });
  });
});

describe("what no caller with types gives", () => {
  const publicJwk = signingKey.publicJwk;

  test.each<[unknown, string]>([
    [exportPrivateJwk(signingKey), "an object that is none"],
    ["-----BEGIN PRIVATE KEY-----", "a string"],
    [null, "an object that is none"],
    [{ ...foreignKey, publicJwk }, "one under"],
  ])("to rotateKey is refused, and told nothing of: %#", async (given, got) => {
    await using kinde = await startMockKinde({ signingKey });
    const error = await refusalOf(kinde.rotateKey as Untyped<unknown>, [given]);
    expect(error).toMatchObject(refused("signingKey of rotateKey", got, "a key"));
    expect(kinde.signingKey).toBe(signingKey);
  });

  test("a key that the JWKS has already is refused by rotateKey", async () => {
    await using kinde = await startMockKinde({ signingKey });
    await expect(kinde.rotateKey(signingKey)).rejects.toMatchObject({ code: "ERR_INVALID_OPTION" });
  });

  test.each([[null], [7], [{ d: exportPrivateJwk(signingKey).d }]])(
    "to retireKey is refused: %#",
    async (given) => {
      await using kinde = await startMockKinde({ signingKey });
      const error = await refusalOf(kinde.retireKey as Untyped<unknown>, [given]);
      expect(error).toMatchObject(refused("kid of retireKey", "what is no text", "a key id"));
    },
  );
});

async function tokenOf(kinde: MockKinde): Promise<string> {
  return await (await kinde.createRequest("user.created")).text();
}

/** Why an app that has just started refuses a token; `undefined` when it does not. */
async function reasonAgainst({ issuer }: MockKinde, token: string): Promise<string | undefined> {
  const verified = await verifyToken(token, createRemoteJwks(issuer));
  return verified.status === "verified" ? undefined : verified.reason;
}

async function fetchKids({ jwksUrl }: MockKinde): Promise<string[]> {
  const { keys } = (await (await fetch(jwksUrl)).json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid);
}

import { describe, expect, test } from "vitest";
import type { Jwks } from "../../src/kinde/jwks.ts";
import { createSigningKeys } from "../../src/kinde/signing-keys.ts";
import { createBlendedJwks, type BlendedJwks } from "../../src/trust/blended-jwks.ts";
import { createRemoteJwks } from "../../src/trust/remote-jwks.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { startReceiver, type Receiver } from "../helpers/receiver.ts";
import { startStandInKinde, type JwksMode, type StandInKinde } from "../helpers/stand-in-kinde.mjs";

const localIssuer = "http://localhost:4455";
const localKeys: Jwks = { keys: [signingKey.publicJwk] };
const hour = 60 * 60 * 1000;

/** A stand-in for Kinde, and its keys and ours in one set, with a clock that a test holds. */
interface Scene extends AsyncDisposable {
  readonly kinde: StandInKinde;
  readonly blended: BlendedJwks;
  readonly failures: unknown[];
  /** Epoch milliseconds. */
  now: number;
}

async function openScene(mode: JwksMode = "jwks", timeoutMs = 10_000): Promise<Scene> {
  const kinde = await startStandInKinde({ privateJwk: foreignKey.privateKey.export({ format: "jwk" }) });
  kinde.answerJwksWith(mode);
  const failures: unknown[] = [];
  const scene: Scene = {
    kinde,
    failures,
    now: Date.UTC(2026, 7, 1),
    blended: createBlendedJwks({
      localIssuer,
      localKeys: () => localKeys,
      remote: createRemoteJwks(kinde.issuer, { now: () => scene.now, timeoutMs }),
      onFailure: (error) => failures.push(error),
    }),
    [Symbol.asyncDispose]: () => kinde.stop(),
  };
  return scene;
}

async function kidsOf({ blended }: { readonly blended: BlendedJwks }): Promise<string[]> {
  return (await blended.jwks()).keys.map(({ kid }) => kid);
}

describe("without a real issuer", () => {
  const blended = createBlendedJwks({ localIssuer, localKeys: () => localKeys, remote: undefined });

  test("the set is ours alone", async () => {
    expect(await blended.jwks()).toEqual(localKeys);
    expect(blended).toMatchObject({ issuer: localIssuer, realIssuer: undefined });
    expect(blended.issuerOf("any key id")).toBe(localIssuer);
  });

  test("our key is known, and no other", async () => {
    expect(await blended.keyFor(signingKey.kid)).toBeDefined();
    expect(await blended.keyFor(foreignKey.kid)).toBeUndefined();
  });
});

describe("our keys, when they are rotated and retired,", () => {
  test("are followed without a real issuer", async () => {
    const ours = createSigningKeys(signingKey);
    const blended = createBlendedJwks({ localIssuer, localKeys: ours.jwks, remote: undefined });
    ours.rotateTo(foreignKey);
    expect(await blended.jwks()).toBe(ours.jwks());
    expect(await blended.keyFor(foreignKey.kid)).toBeDefined();
    expect(await blended.keyFor(signingKey.kid)).toBeDefined();
    ours.retire([]);
    expect(await kidsOf({ blended })).toEqual([foreignKey.kid]);
    expect(await blended.keyFor(signingKey.kid)).toBeUndefined();
  });

  test("are followed beside a real issuer's, which is not asked again", async () => {
    await using kinde = await startStandInKinde();
    const ours = createSigningKeys(signingKey);
    const remote = createRemoteJwks(kinde.issuer);
    const blended = createBlendedJwks({ localIssuer, localKeys: ours.jwks, remote });
    expect(await kidsOf({ blended })).toEqual([kinde.kid, signingKey.kid]);
    ours.rotateTo(foreignKey);
    expect(await kidsOf({ blended })).toEqual([kinde.kid, foreignKey.kid, signingKey.kid]);
    expect(await blended.jwks()).toBe(await blended.jwks());
    for (const { kid } of [foreignKey, signingKey]) {
      expect(await blended.keyFor(kid)).toBeDefined();
      expect(blended.issuerOf(kid)).toBe(localIssuer);
    }
    ours.retire([]);
    expect(await kidsOf({ blended })).toEqual([kinde.kid, foreignKey.kid]);
    expect(blended.issuerOf(signingKey.kid)).toBe(kinde.issuer);
    expect(kinde.requests).toHaveLength(1);
  });

  test("are served as they are while the real issuer's can't be had", async () => {
    await using kinde = await startStandInKinde();
    kinde.answerJwksWith("error");
    const ours = createSigningKeys(signingKey);
    const remote = createRemoteJwks(kinde.issuer);
    const blended = createBlendedJwks({ localIssuer, localKeys: ours.jwks, remote });
    expect(await kidsOf({ blended })).toEqual([signingKey.kid]);
    ours.rotateTo(foreignKey);
    expect(await kidsOf({ blended })).toEqual([foreignKey.kid, signingKey.kid]);
  });
});

describe("with a real issuer", () => {
  test("the set has its keys and ours, public members only", async () => {
    await using scene = await openScene();
    expect(await kidsOf(scene)).toEqual([scene.kinde.kid, signingKey.kid]);
    for (const key of (await scene.blended.jwks()).keys) {
      expect(Object.keys(key).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
    }
    expect(scene.blended).toMatchObject({ issuer: scene.kinde.issuer, realIssuer: scene.kinde.issuer });
  });

  test("the same set is one and the same object, until the real issuer's changes", async () => {
    await using scene = await openScene();
    const first = await scene.blended.jwks();
    expect(await scene.blended.jwks()).toBe(first);
    scene.now += hour;
    expect(await scene.blended.jwks()).not.toBe(first);
    expect(scene.kinde.requests).toHaveLength(2);
  });

  test("each key is looked up where it is, and names its issuer", async () => {
    await using scene = await openScene();
    const { kinde, blended } = scene;
    expect(await blended.keyFor(kinde.kid)).toBeDefined();
    expect(await blended.keyFor(signingKey.kid)).toBeDefined();
    expect(await blended.keyFor("nobody's")).toBeUndefined();
    expect(blended.issuerOf(kinde.kid)).toBe(kinde.issuer);
    expect(blended.issuerOf(signingKey.kid)).toBe(localIssuer);
  });

  test("it is not asked for a key of ours", async () => {
    await using scene = await openScene("never");
    expect(await scene.blended.keyFor(signingKey.kid)).toBeDefined();
    expect(scene.kinde.requests).toEqual([]);
  });

  test("its new keys join, its retired ones leave, and ours stays", async () => {
    await using scene = await openScene();
    const { kinde } = scene;
    const old = kinde.kid;
    await kidsOf(scene);
    const added = await kinde.rotate();
    kinde.retire(old);
    expect(await kidsOf(scene)).toEqual([old, signingKey.kid]);
    scene.now += hour;
    expect(await kidsOf(scene)).toEqual([added, signingKey.kid]);
  });

  test("an unknown key id makes its new key known to the set, too", async () => {
    await using scene = await openScene();
    await kidsOf(scene);
    const added = await scene.kinde.rotate();
    scene.now += 5_000;
    expect(await scene.blended.keyFor(added)).toBeDefined();
    expect(await kidsOf(scene)).toContain(added);
  });
});

describe("a key id that both have", () => {
  /** An issuer that publishes its own key under the id of ours. */
  async function startImpostor(): Promise<Receiver> {
    const keys = [{ ...foreignKey.publicJwk, kid: signingKey.kid }];
    return await startReceiver({ answers: [(response) => void response.end(JSON.stringify({ keys }))] });
  }

  test("is the real issuer's: ours wins no collision", async () => {
    await using impostor = await startImpostor();
    const issuer = `http://127.0.0.1:${impostor.port}`;
    const blended = createBlendedJwks({
      localIssuer,
      localKeys: () => localKeys,
      remote: createRemoteJwks(issuer),
    });
    const { keys } = await blended.jwks();
    expect(keys.map(({ n }) => n)).toEqual([foreignKey.publicJwk.n]);
    const key = await blended.keyFor(signingKey.kid);
    expect(key?.export({ format: "jwk" }).n).toBe(foreignKey.publicJwk.n);
    expect(blended.issuerOf(signingKey.kid)).toBe(issuer);
  });
});

describe("a real issuer whose keys can't be had", () => {
  test.each<JwksMode>(["html", "error"])("(%s) leaves ours, and is told once", async (mode) => {
    await using scene = await openScene(mode);
    const code = mode === "html" ? "ERR_JWKS_INVALID" : "ERR_JWKS_UNREACHABLE";
    for (let times = 0; times < 3; times++) {
      expect(await kidsOf(scene)).toEqual([signingKey.kid]);
      // It shares the request that is under way: afterwards that has failed, too.
      await expect(scene.blended.keyFor("not ours")).rejects.toMatchObject({ code });
      scene.now += hour;
    }
    expect(scene.kinde.requests.length).toBeGreaterThanOrEqual(3);
    expect(scene.failures).toEqual([expect.objectContaining({ code })]);
  });

  test("is waited for as long as it may take, and no longer", async () => {
    await using scene = await openScene("never", 200);
    const startedAt = performance.now();
    expect(await kidsOf(scene)).toEqual([signingKey.kid]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(190);
    expect(scene.failures).toMatchObject([{ code: "ERR_JWKS_UNREACHABLE" }]);
  });

  test("is waited for once: whoever asks after its failure gets ours at once", async () => {
    await using scene = await openScene("error");
    await kidsOf(scene);
    scene.kinde.answerJwksWith("never");
    scene.now += hour;
    // A request that is never answered is under way.
    expect(await kidsOf(scene)).toEqual([signingKey.kid]);
  });

  test("of no keys at all is no failure", async () => {
    await using scene = await openScene("empty");
    expect(await kidsOf(scene)).toEqual([signingKey.kid]);
    expect(scene.failures).toEqual([]);
  });

  test("has its keys in the set as soon as it is back, and its next failure is told again", async () => {
    await using scene = await openScene("error");
    await kidsOf(scene);
    scene.kinde.answerJwksWith("jwks");
    scene.now += 5_000;
    // Nobody waits for it now: what is at hand is served meanwhile.
    expect(await kidsOf(scene)).toEqual([signingKey.kid]);
    await expect.poll(() => kidsOf(scene), { timeout: 20_000 }).toEqual([scene.kinde.kid, signingKey.kid]);
    scene.kinde.answerJwksWith("error");
    scene.now += 24 * hour;
    expect(await kidsOf(scene)).toEqual([signingKey.kid]);
    expect(scene.failures).toHaveLength(2);
  });

  test("keeps the last good set for a day", async () => {
    await using scene = await openScene();
    await kidsOf(scene);
    scene.kinde.answerJwksWith("error");
    scene.now += 24 * hour - 1;
    expect(await kidsOf(scene)).toEqual([scene.kinde.kid, signingKey.kid]);
    expect(scene.failures).toEqual([]);
    scene.now += 1;
    expect(await kidsOf(scene)).toEqual([signingKey.kid]);
  });
});

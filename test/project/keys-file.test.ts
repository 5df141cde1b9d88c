import { generateKeyPairSync, type JsonWebKey } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exportPrivateJwk } from "../../src/kinde/signing-key.ts";
import { loadKeys } from "../../src/project/keys-file.ts";
import { runCli } from "../helpers/cli.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { createTemporaryProject, keysFileOf, modeOf, withUmask, writeKeysFile } from "./temporary-project.ts";

const now = Date.UTC(2026, 0, 2);

describe("a project without a key", () => {
  test("gets one for its owner's eyes only, and keeps it", async () => {
    using project = createTemporaryProject();
    const made = await withUmask(0, () => loadKeys(project, now));
    expect(made).toMatchObject({ keys: [{ createdAt: "2026-01-02T00:00:00.000Z" }], exposure: "none" });
    expect(modeOf(join(project.directory, "keys.json"))).toBe(0o600);
    expect(readdirSync(project.directory).sort()).toEqual([".gitignore", "keys.json"]);
    const loaded = await loadKeys(project, now + 1_000);
    expect(loaded.signingKey.publicJwk).toEqual(made.signingKey.publicJwk);
    expect(loaded.keys).toEqual(made.keys);
  });

  test("gets one key when it is asked for three times at once", async () => {
    using project = createTemporaryProject();
    const loaded = await Promise.all([1, 2, 3].map(() => loadKeys(project, now)));
    expect(new Set(loaded.map((key) => key.signingKey.kid)).size).toBe(1);
  });

  test("gets one key when six processes start at once", async () => {
    using project = createTemporaryProject();
    const results = await Promise.all(
      Array.from({ length: 6 }, () => runCli(["keys", "show", "--json"], { cwd: project.root })),
    );
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
    const shown = results.flatMap(({ records }) => records.filter(({ record }) => record === "key"));
    expect(shown).toHaveLength(6);
    expect(new Set(shown.map((key) => key["kid"])).size).toBe(1);
    expect(readdirSync(project.directory).sort()).toEqual([".gitignore", "keys.json"]);
  });

  test("can't have one where nothing can be written: ERR_PROJECT_NOT_WRITABLE", async () => {
    using project = createTemporaryProject();
    const elsewhere = { ...project, directory: join(project.root, "package.json/home") };
    await expect(loadKeys(elsewhere, now)).rejects.toMatchObject({ code: "ERR_PROJECT_NOT_WRITABLE" });
  });
});

describe("a keys file", () => {
  test("gives the key it holds", async () => {
    using project = createTemporaryProject();
    writeKeysFile(project, keysFileOf(signingKey));
    const loaded = await loadKeys(project, now);
    expect(loaded).toMatchObject({ keys: [{ createdAt: "2026-01-02T03:04:05.000Z" }], exposure: "none" });
    expect(loaded.signingKey.publicJwk).toEqual(signingKey.publicJwk);
  });

  test("gives the keys that signed before, too, in their order", async () => {
    using project = createTemporaryProject();
    writeKeysFile(project, rotatedFile());
    const { signingKey: signing, keys, jwks } = await loadKeys(project, now);
    expect(signing.kid).toBe(signingKey.kid);
    expect(keys).toEqual([
      { kid: signingKey.kid, state: "signing", createdAt: "2026-01-02", publicJwk: signingKey.publicJwk },
      {
        kid: foreignKey.kid,
        state: "rotated",
        createdAt: "2026-01-01",
        rotatedAt: "2026-01-02",
        publicJwk: foreignKey.publicJwk,
      },
    ]);
    expect(jwks).toEqual({ keys: [signingKey.publicJwk, foreignKey.publicJwk] });
  });

  test.skipIf(process.platform === "win32").each([
    ["640", 0o640],
    ["604", 0o604],
    ["644", 0o644],
    ["666", 0o666],
  ])("with mode %s is told of once, and hidden from others", async (_case, mode) => {
    using project = createTemporaryProject();
    const path = writeKeysFile(project, keysFileOf(signingKey));
    chmodSync(path, mode);
    expect((await loadKeys(project, now)).exposure).toBe("mended");
    expect(modeOf(path)).toBe(0o600);
    expect((await loadKeys(project, now)).exposure).toBe("none");
  });

  const whole = keysFileOf(signingKey);
  const { privateKey: ellipticKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { privateKey: weakKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const withKey = (privateKey: JsonWebKey): string =>
    JSON.stringify({ version: 1, keys: [{ kid: "x", createdAt: "", privateKey }] });
  const { d: _, ...withoutPrivatePart } = exportPrivateJwk(signingKey);

  test.each([
    ["is empty", ""],
    ["ends in the middle", whole.slice(0, whole.length / 2)],
    ["is no text", Buffer.from([0xff, 0xfe, 0x00, 0x80])],
    ["is null", "null"],
    ["is a list", "[]"],
    ["has no keys", `{"version":1}`],
    ["has keys that are no list", `{"version":1,"keys":{}}`],
    ["holds no key", `{"version":1,"keys":[]}`],
    ["holds something else than a key", `{"version":1,"keys":["secret"]}`],
    ["has no version", whole.replace('"version": 1,', "")],
    ["has a later version", whole.replace('"version": 1,', '"version": 2,')],
    ["lacks the private key", `{"version":1,"keys":[{"kid":"x"}]}`],
    ["holds the public part alone", withKey(withoutPrivatePart)],
    ["holds a key with another's id", whole.replace(signingKey.kid, foreignKey.kid)],
    ["does not say when its key was made", whole.replace(/"createdAt": "[^"]*",/, "")],
    ["names another key id", whole.replace(signingKey.kid, "00:11")],
    [
      "has another number in its key",
      whole.replace(/(?<="n": ".{20})./, (letter) => (letter === "A" ? "B" : "A")),
    ],
    ["says not when its key was made", whole.replace("createdAt", "created")],
    ["holds a key of another kind", withKey(ellipticKey.export({ format: "jwk" }))],
    ["holds a key that is too short", withKey(weakKey.export({ format: "jwk" }))],
    ["holds something else behind its key", rotatedFile("secret")],
    ["lacks a rotated key's public part", rotatedFile({ publicKey: undefined })],
    ["has a private key in its place", rotatedFile({ publicKey: exportPrivateJwk(foreignKey) })],
    ["holds a rotated key of another's id", rotatedFile({ kid: signingKey.kid })],
    [
      "holds a rotated key with another's id in it",
      rotatedFile({ publicKey: { ...foreignKey.publicJwk, kid: signingKey.kid } }),
    ],
    [
      "holds a rotated key that is too short",
      rotatedFile({ publicKey: { ...foreignKey.publicJwk, ...weakKey.export({ format: "jwk" }) } }),
    ],
    ["does not say when a rotated key was made", rotatedFile({ createdAt: undefined })],
    ["does not say when a key was rotated", rotatedFile({ rotatedAt: undefined })],
    ["holds its key twice", rotatedFile({ kid: signingKey.kid, publicKey: signingKey.publicJwk })],
  ])("that %s is ERR_KEYS_DAMAGED, and stays as it is", async (_case, content) => {
    using project = createTemporaryProject();
    const path = writeKeysFile(project, content);
    await expect(loadKeys(project, now)).rejects.toMatchObject({ code: "ERR_KEYS_DAMAGED", path });
    expect(readFileSync(path).equals(Buffer.from(content as string))).toBe(true);
    expect(readdirSync(project.directory)).toEqual(["keys.json"]);
  });

  test("that is a directory is ERR_KEYS_DAMAGED", async () => {
    using project = createTemporaryProject();
    mkdirSync(join(project.directory, "keys.json"), { recursive: true });
    await expect(loadKeys(project, now)).rejects.toMatchObject({ code: "ERR_KEYS_DAMAGED" });
  });
});

/**
 * A file with a key that was rotated.
 * @param instead members of it that are otherwise, or what stands in its place
 */
function rotatedFile(instead: object | string = {}): string {
  const rotated = {
    kid: foreignKey.kid,
    createdAt: "2026-01-01",
    rotatedAt: "2026-01-02",
    publicKey: foreignKey.publicJwk,
  };
  const { kid } = signingKey;
  return JSON.stringify({
    version: 1,
    keys: [
      { kid, createdAt: "2026-01-02", privateKey: exportPrivateJwk(signingKey) },
      typeof instead === "string" ? instead : { ...rotated, ...instead },
    ],
  });
}

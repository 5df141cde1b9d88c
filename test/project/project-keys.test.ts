/** The project's keys as a running command has them. What several processes do at once is in test/e2e/keys.test.ts. */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, test } from "vitest";
import { rotateKey } from "../../src/kinde/key-set.ts";
import type { Project } from "../../src/project/directory.ts";
import { changeKeys, readKeys } from "../../src/project/keys-file.ts";
import { formatKeys } from "../../src/project/keys-format.ts";
import { openProjectKeys, type ProjectKeys } from "../../src/project/project-keys.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { createTemporaryProject, keysFileOf, modeOf, writeKeysFile } from "./temporary-project.ts";

const now = Date.UTC(2026, 1, 3);
const rotatedAt = "2026-02-03T00:00:00.000Z";

interface Scene extends Disposable {
  readonly project: Project;
  /** Of the keys file. */
  readonly path: string;
  readonly keys: ProjectKeys;
  readonly losses: unknown[];
}

/** A project with one key, opened. */
async function openScene(): Promise<Scene> {
  const project = createTemporaryProject();
  const path = writeKeysFile(project, keysFileOf(signingKey));
  const losses: unknown[] = [];
  const keys = await openProjectKeys(project, { now: () => now, onLoss: (error) => losses.push(error) });
  return { project, path, keys, losses, [Symbol.dispose]: () => project[Symbol.dispose]() };
}

/** Has another key sign, as another process would. */
function rotateElsewhere({ project, path }: Scene): void {
  changeKeys(project, readKeys(path)!, (keys) => rotateKey(keys, foreignKey, rotatedAt));
}

function kidsOf(keys: ProjectKeys): string[] {
  return keys.jwks().keys.map(({ kid }) => kid);
}

describe("keys that another process changes", () => {
  test("hold from the next question on", async () => {
    using scene = await openScene();
    const { keys } = scene;
    const first = keys.jwks();
    expect(keys.current().kid).toBe(signingKey.kid);
    expect(keys.jwks()).toBe(first);
    rotateElsewhere(scene);
    expect(keys.current().kid).toBe(foreignKey.kid);
    expect(keys.jwks()).not.toBe(first);
    expect(keys.jwks()).toBe(keys.jwks());
    expect(keys.list()).toEqual([
      { kid: foreignKey.kid, state: "signing", createdAt: rotatedAt, publicJwk: foreignKey.publicJwk },
      {
        kid: signingKey.kid,
        state: "rotated",
        createdAt: "2026-01-02T03:04:05.000Z",
        rotatedAt,
        publicJwk: signingKey.publicJwk,
      },
    ]);
    expect(scene.losses).toEqual([]);
  });

  test("hold also when they were changed while they were opened", async () => {
    using project = createTemporaryProject();
    writeKeysFile(project, keysFileOf(signingKey));
    const opening = openProjectKeys(project, { now: () => now, onLoss: () => {} });
    writeKeysFile(project, keysFileOf(foreignKey));
    expect((await opening).current().kid).toBe(foreignKey.kid);
  });
});

describe("a keys file that can't be read any more", () => {
  test.each<[string, string, (scene: Scene) => void]>([
    ["is gone", "ERR_KEYS_GONE", ({ path }) => rmSync(path)],
    [
      "is gone with its directory",
      "ERR_KEYS_GONE",
      ({ project }) => rmSync(project.directory, { recursive: true }),
    ],
    ["is damaged", "ERR_KEYS_DAMAGED", ({ path }) => writeFileSync(path, "{")],
    ["is empty", "ERR_KEYS_DAMAGED", ({ path }) => writeFileSync(path, "")],
    [
      "is a directory now",
      "ERR_KEYS_DAMAGED",
      ({ path }) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  ])("for it %s leaves the keys that were read last, and is told once: %s", async (_how, code, lose) => {
    using scene = await openScene();
    const { keys, losses } = scene;
    rotateElsewhere(scene);
    const last = keys.jwks();
    lose(scene);
    for (let times = 0; times < 3; times++) {
      expect(keys.current().kid).toBe(foreignKey.kid);
      expect(keys.jwks()).toBe(last);
    }
    expect(losses).toEqual([expect.objectContaining({ code })]);
  });

  test("is told once whatever it turns into, and again after it could be read", async () => {
    using scene = await openScene();
    const { keys, losses, path } = scene;
    writeFileSync(path, "{");
    keys.current();
    writeFileSync(path, "[]");
    keys.current();
    expect(losses).toHaveLength(1);
    writeKeysFile(scene.project, keysFileOf(foreignKey));
    expect(keys.current().kid).toBe(foreignKey.kid);
    expect(losses).toHaveLength(1);
    rmSync(path);
    expect(keys.current().kid).toBe(foreignKey.kid);
    expect(losses).toMatchObject([{ code: "ERR_KEYS_DAMAGED" }, { code: "ERR_KEYS_GONE" }]);
  });

  test("for it is damaged is not changed, and stays as it is", async () => {
    using scene = await openScene();
    writeFileSync(scene.path, "{");
    await expect(scene.keys.rotate()).rejects.toMatchObject({ code: "ERR_KEYS_DAMAGED" });
    expect(() => scene.keys.retire([])).toThrow(expect.objectContaining({ code: "ERR_KEYS_DAMAGED" }));
    expect(readFileSync(scene.path, "utf8")).toBe("{");
    expect(readdirSync(scene.project.directory).sort()).toEqual([".gitignore", "keys.json"]);
  });

  test("for it is gone is made again by a rotation, and the key that signed still verifies", async () => {
    using scene = await openScene();
    rmSync(scene.project.directory, { recursive: true });
    const { kid } = await scene.keys.rotate();
    expect(kidsOf(scene.keys)).toEqual([kid, signingKey.kid]);
    expect(modeOf(scene.path)).toBe(0o600);
  });
});

describe("a change", () => {
  test("is on disk: a new key and when it was made, of the old one the public part alone", async () => {
    using scene = await openScene();
    const { kid, publicJwk } = await scene.keys.rotate();
    expect(scene.keys.current().publicJwk).toEqual(publicJwk);
    const { version, keys } = JSON.parse(readFileSync(scene.path, "utf8")) as {
      version: number;
      keys: unknown[];
    };
    expect(version).toBe(1);
    expect(keys).toEqual([
      {
        kid,
        createdAt: rotatedAt,
        privateKey: expect.objectContaining({ d: expect.any(String) as string }) as object,
      },
      {
        kid: signingKey.kid,
        createdAt: "2026-01-02T03:04:05.000Z",
        rotatedAt,
        publicKey: signingKey.publicJwk,
      },
    ]);
    expect(modeOf(scene.path)).toBe(0o600);
    scene.keys.retire([]);
    expect(kidsOf(scene.keys)).toEqual([kid]);
    expect(readFileSync(scene.path, "utf8")).not.toContain(signingKey.kid);
  });

  test("leaves no copy of the key in a file that a killed process has begun", async () => {
    using scene = await openScene();
    const left = `${scene.path}.123.0a1b2c3d.tmp`;
    copyFileSync(scene.path, left);
    const long = new Date(Date.now() - 120_000);
    utimesSync(left, long, long);
    await scene.keys.rotate();
    expect(readdirSync(scene.project.directory).sort()).toEqual([".gitignore", "keys.json"]);
  });

  test("that is refused leaves the file as it is", async () => {
    using scene = await openScene();
    rotateElsewhere(scene);
    const before = readFileSync(scene.path, "utf8");
    expect(() => scene.keys.retire([foreignKey.kid])).toThrow(
      expect.objectContaining({ code: "ERR_KEY_SIGNS" }),
    );
    expect(() => scene.keys.retire(["zz"])).toThrow(expect.objectContaining({ code: "ERR_UNKNOWN_KEY" }));
    expect(readFileSync(scene.path, "utf8")).toBe(before);
    expect(readdirSync(scene.project.directory).sort()).toEqual([".gitignore", "keys.json"]);
  });

  test.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
    "that can't be written is ERR_PROJECT_NOT_WRITABLE, and the keys stay",
    async () => {
      using scene = await openScene();
      chmodSync(scene.project.directory, 0o500);
      try {
        await expect(scene.keys.rotate()).rejects.toMatchObject({ code: "ERR_PROJECT_NOT_WRITABLE" });
        expect(kidsOf(scene.keys)).toEqual([signingKey.kid]);
      } finally {
        chmodSync(scene.project.directory, 0o700);
      }
    },
  );

  test("of a first key that another process makes at this moment takes that one, and loses none", async () => {
    using scene = await openScene();
    const made = readKeys(scene.path)!;
    rmSync(scene.path);
    const first = formatKeys(rotateKey(made, foreignKey, rotatedAt));
    let times = 0;
    const changed = changeKeys(scene.project, made, (keys) => {
      // Who makes a first key does not take the lock.
      if (times++ === 0) writeKeysFile(scene.project, first);
      return { ...keys };
    });
    expect(times).toBe(2);
    expect(changed.keys.map(({ kid }) => kid)).toEqual([foreignKey.kid, signingKey.kid]);
  });
});

import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { checkKeys } from "../../../src/app/diagnoses/signing-keys.ts";
import { changeKeys, loadKeys } from "../../../src/project/keys-file.ts";
import { createKeySet } from "../../../src/kinde/key-set.ts";
import { foreignKey, signingKey } from "../../helpers/keys.ts";
import { createTemporaryProject, keysFileOf, writeKeysFile } from "../../project/temporary-project.ts";

test("a project without a key passes, and gets none", () => {
  using project = createTemporaryProject();
  expect(checkKeys(project)).toMatchObject({ verdict: "pass", message: expect.stringContaining("none yet") });
  expect(existsSync(project.directory)).toBe(false);
});

test("the key that signs is named, and how many before it still verify", async () => {
  using project = createTemporaryProject();
  writeKeysFile(project, keysFileOf(signingKey));
  expect(checkKeys(project)).toMatchObject({ verdict: "pass", message: `${signingKey.kid} signs` });
  const known = await loadKeys(project, 0);
  const at = "2026-01-02T03:04:05.000Z";
  changeKeys(project, known, ({ keys }) =>
    createKeySet(foreignKey, at, [{ ...keys[0]!, state: "rotated", rotatedAt: at }]),
  );
  expect(checkKeys(project).message).toBe(`${foreignKey.kid} signs, and 1 before it still verify`);
});

test("a file that is damaged is the error that every command ends with", () => {
  using project = createTemporaryProject();
  writeKeysFile(project, "{");
  expect(() => checkKeys(project)).toThrow(expect.objectContaining({ code: "ERR_KEYS_DAMAGED" }));
});

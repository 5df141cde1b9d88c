import { keysPathOf, readKeys } from "../../project/keys-file.ts";
import type { Project } from "../../project/directory.ts";
import { pass, type Finding } from "./finding.ts";

/** @throws {DevhookError} `ERR_KEYS_DAMAGED` or `ERR_KEYS_UNREADABLE` */
export function checkKeys(project: Project): Finding {
  const set = readKeys(keysPathOf(project));
  if (set === undefined) return pass("none yet; the first command that signs makes one");
  const { keys, signingKey } = set;
  const rotated = keys.length - 1;
  return pass(`${signingKey.kid} signs${rotated === 0 ? "" : `, and ${rotated} before it still verify`}`);
}

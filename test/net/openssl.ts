import { spawnSync } from "node:child_process";
import { isCi } from "../helpers/ci.ts";

/** Whether what needs openssl is to run: in CI always. */
export const isOpensslExpected: boolean = isCi || openssl("version").code === 0;

/** @returns stdout and stderr together */
export function openssl(...args: readonly string[]): {
  readonly code: number | null;
  readonly output: string;
} {
  const { status, stdout, stderr } = spawnSync("openssl", args, { encoding: "utf8" });
  return { code: status, output: `${stdout ?? ""}${stderr ?? ""}` };
}

/** For `openssl req`: a key of the curve P-256, which takes no time to make. */
export const newKey: readonly string[] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

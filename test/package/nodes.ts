/** Every Node there is to try the package on: this one, and those that `DEVHOOK_NODES` names. */
import { execFileSync } from "node:child_process";

export interface NodeUnderTest {
  readonly node: string;
  readonly version: string;
}

export const otherNodes: readonly string[] = (process.env["DEVHOOK_NODES"] ?? "")
  .split(",")
  .filter((path) => path !== "");

export const nodes: readonly NodeUnderTest[] = [process.execPath, ...otherNodes].map((node) => ({
  node,
  version: execFileSync(node, ["--version"], { encoding: "utf8" }).trim(),
}));

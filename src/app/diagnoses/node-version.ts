import { fail, pass, type Finding } from "./finding.ts";

/** The oldest Node that works: `engines` of package.json. */
export const oldestNode = "20.19.0";

/** @param version `20.20.0`, with or without a `v` before it */
export function checkNode(version: string): Finding {
  const bare = version.replace(/^v/, "");
  if (isAtLeast(bare, oldestNode)) return pass(bare);
  return fail(
    "ERR_NODE_TOO_OLD",
    `${bare} is older than ${oldestNode}`,
    "Install a newer Node: https://nodejs.org.",
  );
}

function isAtLeast(version: string, oldest: string): boolean {
  const [ours, its] = [version, oldest].map((text) =>
    text.split(".").map((part) => Number.parseInt(part, 10)),
  );
  for (const [index, part] of (its ?? []).entries()) {
    const other = ours?.[index] ?? 0;
    if (other !== part) return other > part;
  }
  return true;
}

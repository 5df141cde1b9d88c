import { expect, test } from "vitest";
import { isCi } from "../helpers/ci.ts";
import { nodes, otherNodes } from "./nodes.ts";

// A fresh machine has one Node; CI brings the others.
test.skipIf(!isCi && otherNodes.length === 0)("the package is tried on Node 20, 22 and 24", () => {
  expect(nodes.map(({ version }) => version.split(".", 1)[0])).toEqual(["v20", "v22", "v24"]);
});

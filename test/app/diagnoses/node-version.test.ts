import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkNode, oldestNode } from "../../../src/app/diagnoses/node-version.ts";

test("the oldest Node that passes is the one of package.json", () => {
  const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as { engines: { node: string } };
  expect(oldestNode.startsWith(engines.node.replace(">=", ""))).toBe(true);
});

test.each([
  ["v20.19.0", "pass"],
  ["20.19.1", "pass"],
  ["v20.100.0", "pass"],
  ["v22.0.0", "pass"],
  ["v100.0.0", "pass"],
  ["v24.0.0-nightly2026", "pass"],
  ["v20.18.3", "fail"],
  ["v18.20.8", "fail"],
  ["v9.99.0", "fail"],
])("Node %s comes to %s", (version, verdict) => {
  expect(checkNode(version).verdict).toBe(verdict);
});

test("an old Node is named with what to do", () => {
  expect(checkNode("v18.0.0")).toMatchObject({
    code: "ERR_NODE_TOO_OLD",
    message: "18.0.0 is older than 20.19.0",
    advice: expect.stringContaining("Install"),
  });
});

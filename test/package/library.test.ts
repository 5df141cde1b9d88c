/** The installed library in programs of its users, on every Node there is. */
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { installPackage, type InstalledPackage } from "./installed-package.ts";
import { nodes } from "./nodes.ts";

let installed: InstalledPackage;
beforeAll(() => {
  installed = installPackage();
});
afterAll(() => installed[Symbol.dispose]());

/** A user's program: an app, a fake Kinde, an event on its way from one to the other. It ends by itself. */
const program = `
async function main({ startMockKinde, verifyToken, createRemoteJwks, eventTypes }) {
  const bodies = [];
  const app = createServer((request, response) => {
    request.setEncoding("utf8").on("data", (text) => bodies.push(text)).on("end", () => response.end());
  });
  await new Promise((resolve) => app.listen(0, "127.0.0.1", resolve));
  const endpoint = \`http://127.0.0.1:\${app.address().port}/api/webhook\`;
  const kinde = await startMockKinde({ webhooks: [{ endpoint }] });
  const { state, event } = await kinde.emit("user.created");
  const { status } = await verifyToken(bodies.join(""), createRemoteJwks(kinde.issuer));
  const { issuer, ca } = await kinde.tls();
  const overTls = await new Promise((resolve, reject) => {
    get(issuer + "/.well-known/jwks", { ca, agent: false }, resolve).on("error", reject);
  });
  overTls.resume();
  const discovery = await fetch(\`\${kinde.issuer}/.well-known/openid-configuration\`);
  await kinde.close();
  app.close();
  console.log(JSON.stringify({ state, type: event.type, status, discovery: discovery.status, overTls: overTls.statusCode, eventTypes }));
}`;
const programs = {
  "program.mjs": `import { createServer } from "node:http";
import { get } from "node:https";
import * as library from "kinde-devhook";
${program}
await main(library);`,
  "program.cjs": `const { createServer } = require("node:http");
const { get } = require("node:https");
const library = require("kinde-devhook");
${program}
void main(library);`,
  "both.mjs": `import { createRequire } from "node:module";
import * as imported from "kinde-devhook";
const required = createRequire(import.meta.url)("kinde-devhook");
const names = [...new Set([...Object.keys(imported), ...Object.keys(required)])];
const error = await imported.startMockKinde({ port: -1 }).catch((thrown) => thrown);
console.log(JSON.stringify({
  different: names.filter((name) => name !== "module.exports" && imported[name] !== required[name]),
  isInstance: error instanceof required.InvalidOptionError,
  has: ["DevhookError", "startMockKinde"].map((name) => typeof required[name]),
}));`,
};

describe.each(nodes)("on Node $version", ({ node }) => {
  test.each([
    ["import", "program.mjs"],
    ["require()", "program.cjs"],
  ] as const)("a program that loads the library by %s gets an event", (_, file) => {
    expect(runProgram(node, file)).toEqual({
      state: "delivered",
      type: "user.created",
      status: "verified",
      discovery: 200,
      overTls: 200,
      eventTypes,
    });
  });

  test("import and require() give the same functions and the same classes of errors", () => {
    expect(runProgram(node, "both.mjs")).toEqual({
      different: [],
      isInstance: true,
      has: ["function", "function"],
    });
  });
});

/** What the program prints. It ends with 0, and nothing else is printed: no warning of Node's either. */
function runProgram(node: string, file: keyof typeof programs): unknown {
  installed.write(file, programs[file]);
  const { status, stdout, stderr } = spawnSync(node, [file], { cwd: installed.app, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout) as unknown;
}

// The whole gate: `npm test`. Every step runs, whatever the one before said; the last line counts them all.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const reportDirectory = mkdtempSync(join(tmpdir(), "kinde-devhook-gate-"));
const report = join(reportDirectory, "vitest.json");
/** @type {[name: string, command: string, args: string[]][]} */
const steps = [
  ["build", "node", ["build.mjs"]],
  ["demo", "node", ["test/demo/demo.mjs"]],
  ["types", "npm", ["run", "--silent", "types"]],
  ["lint", "npm", ["run", "--silent", "lint"]],
  ["format", "oxfmt", ["--check", "."]],
  ["unused", "knip", ["--no-progress"]],
  ["package", "npm", ["run", "--silent", "package"]],
  // What the build writes into the checkout is committed; locally it may be part of a change under way.
  ...(process.env.CI === undefined
    ? []
    : [
        [
          "generated",
          "git",
          ["diff", "--exit-code", "--stat", "THIRD-PARTY-NOTICES", "src/kinde/event-fixtures.ts"],
        ],
      ]),
  [
    "tests",
    "vitest",
    [
      "run",
      "--config",
      "test/vitest.config.ts",
      "--reporter=default",
      "--reporter=json",
      `--outputFile=${report}`,
    ],
  ],
];

const counts = { passed: 0, failed: 0, skipped: 0 };
for (const [name, command, args] of steps) {
  console.log(`\n── ${name}`);
  const started = performance.now();
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`── ${name}: ${status === 0 ? "ok" : "FAILED"} in ${seconds} s`);
  if (name === "tests") countTests(status);
  else counts[status === 0 ? "passed" : "failed"]++;
}
rmSync(reportDirectory, { recursive: true, force: true });

console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/** The runner's own count; a run that failed without a failed test (it crashed, a file did not load) is one failure. */
function countTests(status) {
  let failedTests = 0;
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8"));
    counts.passed += numPassedTests;
    counts.skipped += numPendingTests;
    failedTests = numFailedTests;
  } catch {
    failedTests = 1;
  }
  counts.failed += status === 0 ? failedTests : Math.max(failedTests, 1);
}

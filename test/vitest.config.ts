import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

const config: ViteUserConfig = defineConfig({
  define: { __VERSION__: JSON.stringify(version) },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/helpers/global-setup.ts"],
    pool: "forks",
    // Most of the time they wait for each other's processes: one worker a core, less one, leaves two cores idle.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // A bound for what hangs, not a measure of speed: the machine may be busy with other tests.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    // The terminal that runs the tests must not colour what the tests compare.
    env: { NO_COLOR: "1", KINDE_DEVHOOK_HOME: "" },
  },
});
export default config;

import { readFileSync } from "node:fs";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

const config: ViteUserConfig = defineConfig({
  define: { __VERSION__: JSON.stringify(version) },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/helpers/global-setup.ts"],
    pool: "forks",
    // A bound for what hangs, not a measure of speed: the machine may be busy with other tests.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The terminal that runs the tests must not colour what the tests compare.
    env: { NO_COLOR: "1", KINDE_DEVHOOK_HOME: "" },
  },
});
export default config;

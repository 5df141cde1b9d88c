import type { ViteUserConfig } from "vitest/config";
import base from "../vitest.config.ts";

const config: ViteUserConfig = {
  ...base,
  // One after the other, for times are measured, but for those that mostly wait. Each is told when it is done, for all
  // take ten minutes.
  test: {
    ...base.test,
    include: ["test/soak/*.soak.ts"],
    maxWorkers: 1,
    maxConcurrency: 6,
    reporters: ["verbose"],
  },
};
export default config;

import type { ViteUserConfig } from "vitest/config";
import base from "../vitest.config.ts";

const config: ViteUserConfig = {
  ...base,
  // One after the other, for times are measured; each is told when it is done, for it takes a quarter of an hour.
  test: { ...base.test, include: ["test/soak/*.soak.ts"], maxWorkers: 1, reporters: ["verbose"] },
};
export default config;

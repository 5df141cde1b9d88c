import type { ViteUserConfig } from "vitest/config";
import base from "../vitest.config.ts";

const config: ViteUserConfig = {
  ...base,
  // One after the other: times are measured.
  test: { ...base.test, include: ["test/soak/*.soak.ts"], maxWorkers: 1 },
};
export default config;

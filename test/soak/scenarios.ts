import { appScenarios } from "./app-scenarios.ts";
import { loadScenarios } from "./load-scenarios.ts";
import { networkScenarios } from "./network-scenarios.ts";
import { oddServerScenarios } from "./odd-server-scenarios.ts";
import { processScenarios } from "./process-scenarios.ts";
import type { Scenario } from "./scenario.ts";
import { serverScenarios } from "./server-scenarios.ts";

/** All that is tried, in the order of the README's table. */
export const scenarios: readonly Scenario[] = [
  ...serverScenarios,
  ...networkScenarios,
  ...processScenarios,
  ...oddServerScenarios,
  ...appScenarios,
  ...loadScenarios,
];

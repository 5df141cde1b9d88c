import { runRounds } from "./rounds.mjs";

/** As `runRounds`, half of the rounds in the opposite order: what runs after a busy neighbour has a warmer processor. */
export async function runRoundsBothWays(count, measures) {
  const opposite = Object.fromEntries(Object.entries(measures).reverse());
  return [...(await runRounds(count / 2, measures)), ...(await runRounds(count / 2, opposite))];
}

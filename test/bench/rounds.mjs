/**
 * Measures things in turn, A B A B, so that what else the machine does hits all alike.
 * A first round warms up and does not count.
 * @param {Record<string, () => number | Promise<number>>} measures
 * @returns {Promise<Record<string, number>[]>} one object of figures per round
 */
export async function runRounds(count, measures) {
  const rounds = [];
  for (let round = 0; round <= count; round++) {
    const figures = {};
    for (const [name, measure] of Object.entries(measures)) figures[name] = await measure();
    if (round > 0) rounds.push(figures);
  }
  return rounds;
}

/** How one figure relates to another, round by round. */
export function compare(rounds, name, yardstick) {
  const ratios = rounds.map((figures) => figures[name] / figures[yardstick]).sort((a, b) => a - b);
  return { median: median(ratios), min: ratios[0], max: ratios.at(-1) };
}

/** The median of one figure over all rounds. */
export function typical(rounds, name) {
  return median(rounds.map((figures) => figures[name]).sort((a, b) => a - b));
}

function median(sorted) {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

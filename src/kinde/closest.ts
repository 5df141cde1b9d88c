const maxLength = 100;

/**
 * The candidate a mistyped word most likely meant, ignoring case, or `undefined` when none is near.
 * Near means at most a quarter of the word's letters away (Damerau–Levenshtein, adjacent letters swapped count once).
 */
export function closest<Word extends string>(word: string, candidates: Iterable<Word>): Word | undefined {
  // Nobody mistypes so much; the table for it would be large.
  if (word.length > maxLength) return undefined;
  const wanted = word.toLowerCase();
  let best: Word | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 4)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? beforeLast[j - 2]! + 1 : Infinity;
      row.push(Math.min(last[j]! + 1, row[j - 1]! + 1, substitution, swap));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

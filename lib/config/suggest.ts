/**
 * The candidate most like a word, for "did you mean".
 *
 * @returns one that takes few edits, at most a third of the word's length (one if it is short); undefined if none does
 */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const most = Math.max(1, Math.floor(word.length / 3));
  const given = word.toLowerCase();
  let best: string | undefined;
  // Never as many edits as letters: `x` is not like `y`.
  let least = Math.min(most + 1, Math.max(1, word.length));
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const edits = candidate === word ? 0 : distance(given, candidate.toLowerCase(), least - 1);
    if (edits < least) {
      least = edits;
      best = candidate;
      if (edits === 0) break;
    }
  }
  return best;
}

/**
 * Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions and swaps of
 * neighbours; anything above `most` is `most + 1`.
 */
function distance(a: string, b: string, most: number): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      }
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) return most + 1;
    before = last;
    last = current;
  }
  return Math.min(last[b.length] ?? 0, most + 1);
}

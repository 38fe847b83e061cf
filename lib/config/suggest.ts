/**
 * The candidate most like a word, for "did you mean": every suggestion comes from here.
 *
 * @param most how many edits it may take; default: a third of the word's length, one if it is short
 * @returns of several the one with the same letters, else of the same length; undefined if none takes so few
 */
export function didYouMean(
  word: string,
  candidates: Iterable<string>,
  most = Math.max(1, Math.floor(word.length / 3)),
): string | undefined {
  const given = word.toLowerCase();
  const letters = sorted(given);
  // Never as many edits as letters: `x` is not like `y`.
  let least = Math.min(most, Math.max(1, word.length) - 1);
  let best: { candidate: string; edits: number; unlike: number } | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > least) continue;
    const lower = candidate.toLowerCase();
    const edits = candidate === word ? 0 : distance(given, lower, least);
    if (edits > least) continue;
    const unlike = candidate.length === word.length ? (sorted(lower) === letters ? 0 : 1) : 2;
    if (best !== undefined && best.edits === edits && best.unlike <= unlike) continue;
    best = { candidate, edits, unlike };
    least = edits;
    if (edits === 0) break;
  }
  return best?.candidate;
}

function sorted(word: string): string {
  return [...word].sort().join('');
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

/** Runs of n tokens, counted. */

/** @internal How often each n-gram occurs. */
export function ngramsOf(tokens: readonly number[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const ngram = tokens.slice(i, i + n).join();
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

/** @internal Σ min of both, over the n-grams of the first. */
export function overlap(counts: ReadonlyMap<string, number>, others: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [ngram, count] of counts) sum += Math.min(count, others.get(ngram) ?? 0);
  return sum;
}

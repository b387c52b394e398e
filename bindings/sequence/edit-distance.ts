/** Edit distance: what has to be changed in one sequence to have the other. */
import { charactersOf, numbered, readTokens, type Token, type Tokens } from "./tokens.js";

/** What was changed, in the fewest edits. */
export interface Edits {
  /** Substitutions, deletions and insertions. */
  distance: number;
  substitutions: number;
  /** Tokens of the reference that the hypothesis lacks. */
  deletions: number;
  /** Tokens of the hypothesis that the reference lacks. */
  insertions: number;
  /** Tokens that are the same. */
  hits: number;
}

/**
 * The fewest substitutions, deletions and insertions that make the hypothesis of the reference. Of several ways with as few edits it is one
 * with the fewest substitutions: "bc" for "ab" is a deletion, a hit and an insertion. (sclite, where a substitution costs 4 and the others 3,
 * prefers these too, at times for an edit more.) In time the product of the lengths, in memory their sum.
 *
 * @param reference of a text the Unicode code points
 * @throws {ArgumentError}
 * @example
 * editDistance("kitten", "sitting"); // distance 3: substitutions 2, deletions 0, insertions 1, hits 4
 *
 * Source: Levenshtein 1966; Wagner and Fischer 1974
 */
export function editDistance(reference: Tokens, hypothesis: Tokens): Edits {
  return editsOf(readTokens("reference", reference, charactersOf), readTokens("hypothesis", hypothesis, charactersOf));
}

/**
 * @internal With n and m tokens, K = n + m + 1 and C(i, 0) = iK, C(0, j) = jK:
 *
 * C(i, j) = min(C(i−1, j−1) + [rᵢ ≠ hⱼ](K + 1), C(i−1, j) + K, C(i, j−1) + K)   (1)
 * distance = ⌊C/K⌋, S = C mod K                                                (2)
 * D − I = n − m, D + I = distance − S                                           (3)
 */
export function editsOf(reference: readonly Token[], hypothesis: readonly Token[]): Edits {
  const [r = [], h = []] = numbered([reference, hypothesis]);
  const [n, m] = [r.length, h.length];
  const K = n + m + 1; // more than all substitutions: a number of edits comes first, that of substitutions second
  const cost = Float64Array.from({ length: m + 1 }, (_, j) => j * K);
  for (let i = 1; i <= n; i++) {
    let diagonal = cost[0] as number;
    cost[0] = i * K;
    for (let j = 1; j <= m; j++) {
      const above = cost[j] as number;
      cost[j] = Math.min(diagonal + (r[i - 1] === h[j - 1] ? 0 : K + 1), above + K, (cost[j - 1] as number) + K); // (1)
      diagonal = above;
    }
  }
  const distance = Math.floor((cost[m] as number) / K); // (2)
  const substitutions = (cost[m] as number) % K;
  const deletions = (distance - substitutions + n - m) / 2; // (3)
  return { distance, substitutions, deletions, insertions: deletions + m - n, hits: n - substitutions - deletions };
}

/*
 * A linear-chain CRF of one sequence, naively: forward and backward in logarithms, Viterbi, and all paths one by one.
 *
 *   (1) score(y) = start[y⟨0⟩] + Σ e⟨t⟩[y⟨t⟩] + Σ V[y⟨t−1⟩][y⟨t⟩] + end[y⟨L−1⟩]
 *   (2) P(y) = exp(score(y)) / Z
 *   (3) α⟨t⟩[j] = log Σ_i exp(α⟨t−1⟩[i] + V[i][j]) + e⟨t⟩[j],   β⟨t⟩[i] = log Σ_j exp(V[i][j] + e⟨t+1⟩[j] + β⟨t+1⟩[j])
 *
 * Forbidden is −∞. Of paths with equal scores the best is the one with the lowest last tag, then the lowest before it, and so on.
 */

export interface Chain {
  readonly K: number;
  /** [L][K]. */
  readonly emissions: readonly (readonly number[])[];
  readonly start: readonly number[];
  readonly end: readonly number[];
  /** From, to. */
  readonly transitions: readonly (readonly number[])[];
}

export interface Found {
  readonly logZ: number;
  /** P(y⟨t⟩ = j), [L][K]. */
  readonly marginals: number[][];
  /** Σ_t P(y⟨t−1⟩ = i, y⟨t⟩ = j), [K][K]. */
  readonly pairs: number[][];
}

export interface Best {
  readonly tags: number[];
  readonly score: number;
}

export interface Gradient {
  readonly loss: number;
  readonly emissions: number[][];
  readonly start: number[];
  readonly end: number[];
  readonly transitions: number[][];
}

const table = (rows: number, columns: number) => Array.from({ length: rows }, () => new Array<number>(columns).fill(0));

export function logSumExp(values: readonly number[]): number {
  const top = Math.max(...values);
  return top === -Infinity ? top : top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}

/** (1) */
export function pathScore({ emissions, start, end, transitions }: Chain, tags: readonly number[]): number {
  let score = start[tags[0]] + emissions[0][tags[0]];
  for (let t = 1; t < tags.length; t++) score += transitions[tags[t - 1]][tags[t]] + emissions[t][tags[t]];
  return score + end[tags[tags.length - 1]];
}

/** Every path and its score, the last tag outermost: the first of the best is the one that ties go to. */
function* paths(chain: Chain): Generator<Best> {
  const { K, emissions } = chain;
  const L = emissions.length;
  for (let p = 0; p < K ** L; p++) {
    const tags = Array.from({ length: L }, (_, t) => Math.floor(p / K ** t) % K);
    yield { tags, score: pathScore(chain, tags) };
  }
}

/** By all paths. */
export function enumerated(chain: Chain): Found & { best: Best } {
  const { K, emissions } = chain;
  const all = [...paths(chain)];
  const logZ = logSumExp(all.map(({ score }) => score));
  const marginals = table(emissions.length, K);
  const pairs = table(K, K);
  let best = all[0];
  for (const path of all) {
    if (path.score > best.score) best = path;
    const chance = Math.exp(path.score - logZ); // (2)
    for (const [t, tag] of path.tags.entries()) {
      marginals[t][tag] += chance;
      if (t > 0) pairs[path.tags[t - 1]][tag] += chance;
    }
  }
  return { logZ, marginals, pairs, best };
}

/** By (3). */
export function forwardBackward({ K, emissions, start, end, transitions }: Chain): Found {
  const tags = Array.from({ length: K }, (_, k) => k);
  const L = emissions.length;
  const alpha = [tags.map((j) => start[j] + emissions[0][j])];
  for (let t = 1; t < L; t++)
    alpha.push(tags.map((j) => logSumExp(tags.map((i) => alpha[t - 1][i] + transitions[i][j])) + emissions[t][j]));
  const beta = [[...end]];
  for (let t = L - 1; t > 0; t--)
    beta.unshift(tags.map((i) => logSumExp(tags.map((j) => transitions[i][j] + emissions[t][j] + beta[0][j]))));
  const logZ = logSumExp(tags.map((j) => alpha[L - 1][j] + end[j]));
  const marginals = alpha.map((row, t) => tags.map((j) => Math.exp(row[j] + beta[t][j] - logZ)));
  const pairs = table(K, K);
  for (let t = 1; t < L; t++)
    for (const i of tags)
      for (const j of tags) pairs[i][j] += Math.exp(alpha[t - 1][i] + transitions[i][j] + emissions[t][j] + beta[t][j] - logZ);
  return { logZ, marginals, pairs };
}

/** Of −log P(tags). */
export function gradientOf(chain: Chain, tags: readonly number[], { logZ, marginals, pairs }: Found = forwardBackward(chain)): Gradient {
  const emissions = marginals.map((row, t) => row.map((p, j) => p - (tags[t] === j ? 1 : 0)));
  const transitions = pairs.map((row) => [...row]);
  for (let t = 1; t < tags.length; t++) transitions[tags[t - 1]][tags[t]] -= 1;
  return { loss: logZ - pathScore(chain, tags), emissions, start: emissions[0], end: emissions[emissions.length - 1], transitions };
}

export function viterbi(chain: Chain): Best {
  const { K, emissions, start, end, transitions } = chain;
  let delta = start.map((score, j) => score + emissions[0][j]);
  const back: number[][] = [];
  for (let t = 1; t < emissions.length; t++) {
    const from = Array.from({ length: K }, (_, j) => {
      let best = 0;
      for (let i = 1; i < K; i++) if (delta[i] + transitions[i][j] > delta[best] + transitions[best][j]) best = i;
      return best;
    });
    delta = from.map((i, j) => delta[i] + transitions[i][j] + emissions[t][j]);
    back.push(from);
  }
  const last = delta.map((score, j) => score + end[j]);
  const tags = [last.indexOf(Math.max(...last))];
  for (let t = back.length - 1; t >= 0; t--) tags.unshift(back[t][tags[0]]);
  return { tags, score: pathScore(chain, tags) };
}

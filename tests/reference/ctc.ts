/*
 * The naive CTC, f64, of one sequence: T steps of C logits, by logarithms as the papers have them, over the 2S + 1 states blank, y0, blank, … ;
 * and by its definition, path by path.
 *
 *   (1) α[t][s] = log p[t][k(s)] + log Σ e^α[t−1][s'],  s' of s, s − 1, and s − 2 where k(s) is no blank and not k(s − 2)
 *   (2) β[t][s] the same from the end, without the step itself
 *   (3) loss = −log P,  dz[t][k] = p[t][k] − Σ_{s: k(s) = k} e^(α[t][s] + β[t][s]) / P
 */

/** Loss and gradient of a sequence. */
export interface CtcPiece {
  readonly loss: number;
  readonly gradient: number[][];
}

function logSumExp(values: readonly number[]): number {
  const top = Math.max(...values);
  return top === -Infinity ? top : top + Math.log(values.reduce((sum, v) => sum + Math.exp(v - top), 0));
}

export function logSoftmax(z: readonly number[]): number[] {
  const norm = logSumExp(z);
  return z.map((v) => v - norm);
}

/** (1) to (3); where P = 0 the gradient is NaN. */
export function ctcSequence(z: readonly (readonly number[])[], labels: readonly number[], blank: number): CtcPiece {
  const logs = z.map(logSoftmax);
  const states = [blank, ...labels.flatMap((label) => [label, blank])];
  const T = z.length;
  const skips = (s: number) => s >= 2 && states[s] !== blank && states[s] !== states[s - 2];
  const alpha: number[][] = [];
  for (let t = 0; t < T; t++)
    alpha.push(
      states.map((k, s) => {
        const before =
          t === 0 ? [s < 2 ? 0 : -Infinity] : [s, s - 1, ...(skips(s) ? [s - 2] : [])].map((from) => alpha[t - 1][from] ?? -Infinity);
        return logs[t][k] + logSumExp(before);
      }),
    );
  const beta: number[][] = [];
  for (let t = T - 1; t >= 0; t--)
    beta[t] = states.map((_, s) => {
      if (t === T - 1) return s >= states.length - 2 ? 0 : -Infinity;
      const to = [s, s + 1, ...(skips(s + 2) ? [s + 2] : [])].filter((next) => next < states.length);
      return logSumExp(to.map((next) => beta[t + 1][next] + logs[t + 1][states[next]]));
    });
  const total = logSumExp(alpha[T - 1].slice(-2));
  const gradient = logs.map((row, t) => {
    const own = row.map(Math.exp);
    for (const [s, k] of states.entries()) own[k] -= Math.exp(alpha[t][s] + beta[t][s] - total);
    return own;
  });
  return { loss: 0 - total, gradient };
}

/** Repetitions merged, blanks left out. */
export function collapse(path: readonly number[], blank: number): number[] {
  return path.filter((k, t) => k !== blank && k !== path[t - 1]);
}

/** All Cᵀ paths. */
function* paths(T: number, C: number): Iterable<number[]> {
  for (let code = 0; code < C ** T; code++) yield Array.from({ length: T }, (_, t) => Math.floor(code / C ** t) % C);
}

/** The definition, by every path. */
export function ctcByPaths(z: readonly (readonly number[])[], labels: readonly number[], blank: number): CtcPiece {
  const logs = z.map(logSoftmax);
  const wanted = labels.join();
  const share = z.map((row) => row.map(() => 0));
  let total = 0;
  for (const path of paths(z.length, z[0].length)) {
    if (collapse(path, blank).join() !== wanted) continue;
    const p = Math.exp(path.reduce((sum, k, t) => sum + logs[t][k], 0));
    total += p;
    for (const [t, k] of path.entries()) share[t][k] += p;
  }
  return { loss: 0 - Math.log(total), gradient: logs.map((row, t) => row.map((v, k) => Math.exp(v) - share[t][k] / total)) };
}

/** Every labelling that some path gives, by its text, with log p; `score` adds to it what each label is worth behind those before it. */
export function allLabellings(
  z: readonly (readonly number[])[],
  blank: number,
  score: (prefix: readonly number[], label: number) => number = () => 0,
): { labels: number[]; logProbability: number; score: number }[] {
  const logs = z.map(logSoftmax);
  const found = new Map<string, { labels: number[]; terms: number[] }>();
  for (const path of paths(z.length, z[0].length)) {
    const labels = collapse(path, blank);
    const one = found.get(labels.join()) ?? { labels, terms: [] };
    one.terms.push(path.reduce((sum, k, t) => sum + logs[t][k], 0));
    found.set(labels.join(), one);
  }
  return [...found.values()].map(({ labels, terms }) => {
    const logProbability = logSumExp(terms);
    return { labels, logProbability, score: labels.reduce((sum, label, i) => sum + score(labels.slice(0, i), label), logProbability) };
  });
}

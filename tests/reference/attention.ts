/*
 * Attention, naively, of one head of one row: queries [T][D], keys [S][D], values [S][E]; a query of step t sees the first `seen(t)` steps.
 */

type Rows = readonly (readonly number[])[];

export interface Scoring {
  /** Of additive scores, [D]; else the scores are scale·q·k. */
  readonly vector?: readonly number[];
  readonly scale?: number;
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);

function scoreOf(q: readonly number[], k: readonly number[], { vector, scale = 1 }: Scoring): number {
  if (!vector) return scale * dot(q, k);
  return dot(
    vector,
    q.map((x, d) => Math.tanh(x + k[d])),
  );
}

/** For each query its weights [S], 0 where it does not see, and the mean of the values [E]. */
export function attention(queries: Rows, keys: Rows, values: Rows, seen: (t: number) => number, scoring: Scoring = {}) {
  return queries.map((q, t) => {
    const e = keys.map((k, s) => (s < seen(t) ? Math.exp(scoreOf(q, k, scoring)) : 0));
    const total = e.reduce((sum, x) => sum + x, 0);
    const weights = e.map((x) => x / total);
    const context = values[0].map((_, j) => weights.reduce((sum, a, s) => sum + (s < seen(t) ? a * values[s][j] : 0), 0));
    return { weights, context };
  });
}

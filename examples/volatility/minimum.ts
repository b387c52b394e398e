/** The minimum of a function of a few numbers, without derivatives. Source: Nelder and Mead, The Computer Journal 7 (1965). */

interface Vertex {
  readonly at: readonly number[];
  readonly value: number;
}

const MOST = 4000; // evaluations of one descent
const SPREAD = 1e-10;
const STEP = 0.5;

/** A simplex may shrink too early: from what it has found another one begins, until that finds nothing better. */
export function minimize(f: (at: readonly number[]) => number, start: readonly number[]): Vertex {
  let best = descend(f, start);
  for (;;) {
    const next = descend(f, best.at);
    if (!(next.value < best.value - SPREAD)) return best;
    best = next;
  }
}

function descend(f: (at: readonly number[]) => number, start: readonly number[]): Vertex {
  let evaluations = 0;
  const vertex = (at: readonly number[]): Vertex => {
    evaluations++;
    const value = f(at);
    return { at, value: Number.isNaN(value) ? Number.POSITIVE_INFINITY : value };
  };
  const simplex = [vertex(start), ...start.map((_, i) => vertex(start.map((x, j) => (i === j ? x + STEP : x))))];
  for (;;) {
    simplex.sort((a, b) => a.value - b.value);
    const [best, worst, second] = [simplex[0], simplex.at(-1), simplex.at(-2)] as [Vertex, Vertex, Vertex];
    if (worst.value - best.value < SPREAD || evaluations > MOST) return best;
    const center = start.map((_, i) => simplex.slice(0, -1).reduce((sum, { at }) => sum + (at[i] as number), 0) / start.length);
    const along = (factor: number) => vertex(center.map((c, i) => c + factor * ((worst.at[i] as number) - c)));
    const reflected = along(-1);
    if (reflected.value < best.value) {
      const expanded = along(-2);
      simplex[start.length] = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < second.value) {
      simplex[start.length] = reflected;
    } else {
      const contracted = along(reflected.value < worst.value ? -0.5 : 0.5);
      if (contracted.value < Math.min(worst.value, reflected.value)) simplex[start.length] = contracted;
      else for (let i = 1; i <= start.length; i++) simplex[i] = vertex(toward(best.at, (simplex[i] as Vertex).at));
    }
  }
}

function toward(best: readonly number[], at: readonly number[]): number[] {
  return at.map((x, i) => ((best[i] as number) + x) / 2);
}

/** Difference quotients that know how far they may be off. */

/** @internal */
export interface Difference {
  /** NaN where no step gives finite values. */
  readonly numeric: number;
  /** What rounding and curvature may have made of it. */
  readonly unknown: number;
}

/** @internal */
export interface DifferenceOptions {
  /** What is expected. */
  readonly exact: number;
  /** The step for a value of size 1. */
  readonly eps: number;
  /** Of the greatest of its fellows. */
  readonly size: number;
  readonly tolerance: number;
}

/** How far rounding may move a sum against the sum of its terms' sizes: some units in the last place. */
const ROUNDING = 16 * Number.EPSILON;
/** Above so many times its rounding error a quotient that agrees needs no second look. */
const CLEAR = 1000;
/** Steps that are tried, in parts of one that suits: a linear function bears great ones, a curved one small ones. */
const LADDER = [1e3, 1e2, 1e1, 1, 1e-1];

/**
 * @internal The derivative by central differences of the sum of terms. One step where that agrees with what is expected; otherwise steps
 * in the proportion of 1 and of the value's own size, tenths of one another: two that follow each other differ by what curvature and
 * rounding do to them, and the pair that differs least tells most.
 */
export function differenceOf(at: (value: number) => Float64Array, value: number, options: DifferenceOptions): Difference {
  const { exact, eps, size, tolerance } = options;
  const step = eps * Math.max(1, Math.abs(value));
  const plain = quotient(at, value, step);
  const most = Math.max(Math.abs(exact), Math.abs(plain.numeric));
  const off = Math.abs(exact - plain.numeric);
  if (off <= tolerance * most || (off <= tolerance * most + plain.unknown && most >= CLEAR * plain.unknown)) return plain;
  const own = eps * (Math.abs(value) || size);
  const ladders = own > 0 && own < 0.1 * step ? [step, own] : [step];
  let best: Difference = { numeric: Number.NaN, unknown: Number.POSITIVE_INFINITY };
  for (const base of ladders) {
    let last: Difference | undefined;
    for (const part of LADDER) {
      const next = quotient(at, value, part * base);
      if (last && Number.isFinite(next.numeric) && Number.isFinite(last.numeric)) {
        const unknown = Math.abs(last.numeric - next.numeric) + last.unknown;
        if (unknown < best.unknown) best = { numeric: last.numeric, unknown };
      }
      last = next;
    }
  }
  return best;
}

/** With the step that rounding leaves of the one that was asked for. */
function quotient(at: (value: number) => Float64Array, value: number, step: number): Difference {
  const [high, low] = [value + step, value - step];
  const [above, below] = [at(high), at(low)];
  const width = high - low;
  let [sum, sizes] = [0, 0];
  for (let i = 0; i < above.length; i++) {
    const [a, b] = [above[i] as number, below[i] as number];
    sum += a - b;
    sizes += Math.max(Math.abs(a), Math.abs(b));
  }
  return { numeric: sum / width, unknown: (ROUNDING * sizes) / width };
}

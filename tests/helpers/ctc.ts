import type { draws } from "./compare.js";

/** T steps of C logits against labels. */
export interface CtcCase {
  readonly z: number[][];
  readonly labels: number[];
  readonly blank: number;
}

/** One whose paths can be counted, Cᵀ ≤ 729: any number of labels up to T + 1, any blank, logits up to ±8. */
export function smallCase(draw: ReturnType<typeof draws>): CtcCase {
  const upTo = (n: number) => Math.floor((draw(1)[0] / 2 + 0.5) * n);
  const C = 1 + upTo(4);
  const T = 1 + upTo(C > 3 ? 4 : C > 2 ? 6 : 7);
  const blank = upTo(C);
  const others = Array.from({ length: C }, (_, k) => k).filter((k) => k !== blank);
  const scale = [1, 8][upTo(2)];
  return {
    z: Array.from({ length: T }, () => [...draw(C, scale)]),
    labels: C === 1 ? [] : Array.from({ length: upTo(T + 2) }, () => others[upTo(C - 1)]),
    blank,
  };
}

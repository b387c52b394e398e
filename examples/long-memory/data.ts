/** The two tasks by which long memory is measured: Hochreiter & Schmidhuber, Neural Computation 9 (1997); Arjovsky et al., arXiv:1511.06464. */
import type { Generator, Sample } from "wasm-rnn";

/** Symbols to remember, and how many of them. */
const SYMBOLS = 8;
const REMEMBERED = 5;

export interface Task {
  readonly name: "adding" | "copy";
  /** Numbers of a step. */
  readonly features: number;
  readonly outputs: number;
  readonly measure: string;
  readonly better: "higher" | "lower";
  /** What the naive answer is, and what it gets. */
  readonly naive: string;
  readonly naiveValue: number;
  /** A sequence of T steps. */
  draw(T: number, generator: Generator): Sample;
  /** What was said to one sequence beside what was to be said. */
  score(said: ArrayLike<number>, y: Sample["y"]): number;
}

/** Two of T numbers in [0, 1) are marked: what is their sum? Always answering 1, the mean, has the error 1/6. */
export const adding: Task = {
  name: "adding",
  features: 2,
  outputs: 1,
  measure: "mean squared error",
  better: "lower",
  naive: "always the mean: 0.167",
  naiveValue: 1 / 6,
  draw(T, generator) {
    const x = Array.from({ length: T }, () => [generator.uniform(), 0] as [number, number]);
    const marked = [x[generator.integer(T / 2)], x[T / 2 + generator.integer(T / 2)]] as [number, number][];
    for (const step of marked) step[1] = 1;
    return { x, y: marked.reduce((sum, [value]) => sum + value, 0) };
  },
  score: (said, y) => ((said[0] as number) - (y as number)) ** 2,
};

/** Five symbols, then T − 10 blanks, then a signal at which they are to be said again. Guessing among eight has ln 8 nats. */
export const copy: Task = {
  name: "copy",
  features: SYMBOLS + 2,
  outputs: SYMBOLS,
  measure: "share of symbols recalled",
  better: "higher",
  naive: "guessing: 0.125",
  naiveValue: 1 / SYMBOLS,
  draw(T, generator) {
    const x = new Float32Array((SYMBOLS + 2) * T);
    const y = new Int32Array(T).fill(-100); // what cross-entropy ignores
    for (let t = 0; t < T; t++) {
      const symbol = t < REMEMBERED ? generator.integer(SYMBOLS) : t < T - REMEMBERED ? SYMBOLS : SYMBOLS + 1;
      x[(SYMBOLS + 2) * t + symbol] = 1;
      if (t < REMEMBERED) y[T - REMEMBERED + t] = symbol;
    }
    return { x, y };
  },
  score(said, y) {
    const last = Array.from(said).slice(-SYMBOLS * REMEMBERED);
    const right = (y as Int32Array).slice(-REMEMBERED).filter((symbol, i) => {
      const logits = last.slice(SYMBOLS * i, SYMBOLS * (i + 1));
      return logits.indexOf(Math.max(...logits)) === symbol;
    });
    return right.length / REMEMBERED;
  },
};

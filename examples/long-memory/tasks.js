/** The two tasks by which long memory is measured: Hochreiter & Schmidhuber, Neural Computation 9 (1997); Arjovsky et al., arXiv:1511.06464. */

/** Symbols to remember, and how many of them. */
const SYMBOLS = 8;
const REMEMBERED = 5;

/**
 * @typedef {object} Task
 * @property {string} name
 * @property {number} features a step
 * @property {number} outputs
 * @property {string} measure
 * @property {string} naive what the naive answer is, and what it gets
 * @property {(T: number, generator: import("wasm-rnn").Generator) => import("wasm-rnn").Sample} draw
 */

/** Two of T numbers in [0, 1) are marked: what is their sum? Always answering 1, the mean, has the error 1/6. @type {Task} */
export const adding = {
  name: "adding",
  features: 2,
  outputs: 1,
  measure: "mean squared error",
  naive: "always the mean: 0.167",
  draw(T, generator) {
    const x = new Float32Array(2 * T);
    for (let t = 0; t < T; t++) x[2 * t] = generator.uniform();
    const [a, b] = [generator.integer(T / 2), T / 2 + generator.integer(T / 2)];
    x[2 * a + 1] = 1;
    x[2 * b + 1] = 1;
    return { x, y: [x[2 * a] + x[2 * b]] };
  },
};

/** Five symbols, then T − 10 blanks, then a signal at which they are to be said again. Guessing among eight has ln 8 nats. @type {Task} */
export const copy = {
  name: "copy",
  features: SYMBOLS + 2,
  outputs: SYMBOLS,
  measure: "share of symbols recalled",
  naive: "guessing: 0.125",
  draw(T, generator) {
    const width = SYMBOLS + 2;
    const x = new Float32Array(width * T);
    const y = new Int32Array(T).fill(-100); // what cross-entropy ignores
    for (let t = 0; t < T; t++) {
      const symbol = t < REMEMBERED ? generator.integer(SYMBOLS) : t < T - REMEMBERED ? SYMBOLS : SYMBOLS + 1;
      x[width * t + symbol] = 1;
      if (t < REMEMBERED) y[T - REMEMBERED + t] = symbol;
    }
    return { x, y };
  },
};

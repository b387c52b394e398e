/**
 * The four cells step by step, in plain numbers: what the layers compute, with everything between kept. Equations: docs/math/rnn.md, lstm.md, gru.md and
 * min-gru.md of the package; parameters and the order of their gates are PyTorch's.
 */
import type { CellName } from "./sizes.js";

/** Weights by their names, row-major. */
export type Weights = Readonly<Record<string, ArrayLike<number>>>;

/**
 * All values of a cell by name, [T, H] each: gates, candidates and states; and of each weighted sum its parts: "f.x" what x⟨t⟩ gives to it, "f.a" what
 * a⟨t−1⟩ gives, "f.b" the bias.
 */
export type Values = Record<string, Float32Array<ArrayBuffer>>;

interface Sizes {
  readonly steps: number;
  readonly inputs: number;
  readonly units: number;
}

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

/** @param x [T, I] */
export function stepThrough(cell: CellName, weights: Weights, x: ArrayLike<number>, sizes: Sizes): Values {
  const run = new Run(weights, x, sizes);
  for (let t = 0; t < sizes.steps; t++) STEPS[cell](run, t);
  return run.values;
}

/** One pass. */
class Run {
  readonly values: Values = {};

  constructor(
    readonly weights: Weights,
    readonly x: ArrayLike<number>,
    readonly sizes: Sizes,
  ) {}

  /** Writes a value of all units at a step. */
  put(name: string, t: number, of: (h: number) => number): void {
    const { steps, units } = this.sizes;
    this.values[name] ??= new Float32Array(steps * units);
    for (let h = 0; h < units; h++) (this.values[name] as Float32Array)[t * units + h] = of(h);
  }

  /** Reads one; the state before the first step is zero. */
  at(name: string, t: number, h: number): number {
    return t < 0 ? 0 : (this.values[name]?.[t * this.sizes.units + h] as number);
  }

  /** The parts of a gate's weighted sum. @param gate its place in the stacked weights */
  parts(name: string, t: number, gate: number): void {
    const { inputs, units } = this.sizes;
    this.put(`${name}.x`, t, (h) => this.#product("weight_ih_l0", gate * units + h, inputs, (i) => this.x[t * inputs + i] as number));
    this.put(`${name}.a`, t, (h) => this.#product("weight_hh_l0", gate * units + h, units, (k) => this.at("a", t - 1, k)));
    this.put(`${name}.b`, t, (h) => this.bias("ih", gate, h) + this.bias("hh", gate, h));
  }

  sum(name: string, t: number, h: number): number {
    return this.at(`${name}.x`, t, h) + this.at(`${name}.a`, t, h) + this.at(`${name}.b`, t, h);
  }

  bias(which: "ih" | "hh", gate: number, h: number): number {
    return this.weights[`bias_${which}_l0`]?.[gate * this.sizes.units + h] ?? 0;
  }

  /** A row of a matrix times a vector; 0 where the cell has no such matrix. */
  #product(name: string, row: number, length: number, of: (i: number) => number): number {
    const matrix = this.weights[name];
    let sum = 0;
    if (matrix) for (let i = 0; i < length; i++) sum += (matrix[row * length + i] as number) * of(i);
    return sum;
  }
}

/** a⟨t⟩ = tanh(W_ax·x⟨t⟩ + W_aa·a⟨t−1⟩ + b_a) */
function rnn(run: Run, t: number): void {
  run.parts("z", t, 0);
  run.put("a", t, (h) => Math.tanh(run.sum("z", t, h)));
}

/** docs/math/lstm.md (1)–(4); gates i f g o, where i is the notebook's Γi and g its c̃. */
function lstm(run: Run, t: number): void {
  ["i", "f", "g", "o"].forEach((name, gate) => {
    run.parts(name, t, gate);
    run.put(name, t, (h) => (name === "g" ? Math.tanh : sigmoid)(run.sum(name, t, h)));
  });
  run.put("c", t, (h) => run.at("f", t, h) * run.at("c", t - 1, h) + run.at("i", t, h) * run.at("g", t, h));
  run.put("a", t, (h) => run.at("o", t, h) * Math.tanh(run.at("c", t, h)));
}

/** docs/math/gru.md (1), (2) and (4), reset after; gates r z n. */
function gru(run: Run, t: number): void {
  for (const [gate, name] of ["r", "z"].entries()) {
    run.parts(name, t, gate);
    run.put(name, t, (h) => sigmoid(run.sum(name, t, h)));
  }
  run.parts("n", t, 2);
  run.put("n.b", t, (h) => run.bias("ih", 2, h)); // the biases of n stand apart
  run.put("m", t, (h) => run.at("n.a", t, h) + run.bias("hh", 2, h));
  run.put("n", t, (h) => Math.tanh(run.at("n.x", t, h) + run.at("n.b", t, h) + run.at("r", t, h) * run.at("m", t, h)));
  run.put("a", t, (h) => run.at("n", t, h) + run.at("z", t, h) * (run.at("a", t - 1, h) - run.at("n", t, h)));
}

/** docs/math/min-gru.md (1)–(3), linear; gates z h. Its state is called a here, too. */
function minGru(run: Run, t: number): void {
  run.parts("z", t, 0);
  run.put("z", t, (h) => sigmoid(run.sum("z", t, h)));
  run.parts("n", t, 1);
  run.put("n", t, (h) => run.sum("n", t, h));
  run.put("a", t, (h) => run.at("z", t, h) * run.at("n", t, h) + (1 - run.at("z", t, h)) * run.at("a", t - 1, h));
}

const STEPS: Readonly<Record<CellName, (run: Run, t: number) => void>> = { RNN: rnn, LSTM: lstm, GRU: gru, minGRU: minGru };

/** Initial weights, by torch.nn.init's definitions. Layers draw PyTorch's default when they are made; these replace it. */
import { checkNumber, checkOptions, checkPositive, show } from "./checks.js";
import { ArgumentError, ShapeError } from "./errors.js";
import { type Parameter, placeOf } from "./parameters.js";
import { Generator } from "./random.js";

/** Options of every draw. */
export interface InitOptions {
  /** Default: the generator of the parameter's runtime. */
  generator?: Generator;
  /** What the result is multiplied by. Default 1. */
  gain?: number;
  /** Matrices stacked in the rows, each drawn for itself: 4 for an LSTM's weights, 3 for a GRU's. Default 1. */
  blocks?: number;
}

/** Sets all elements to one value. */
export function constant(parameter: Parameter, value: number): void {
  checkNumber("value", value, Number.NEGATIVE_INFINITY);
  parameter.update((values) => void values.fill(value));
}

/** Draws from [low, high). */
export function uniform(parameter: Parameter, low: number, high: number, options: Pick<InitOptions, "generator"> = {}): void {
  const [from, to] = [checkNumber("low", low), checkNumber("high", high)];
  const { generator } = optionsOf(parameter, options, ["generator"]);
  parameter.update((values) => {
    for (let i = 0; i < values.length; i++) values[i] = from + (to - from) * generator.uniform();
  });
}

/** Draws from a normal distribution. */
export function normal(parameter: Parameter, mean = 0, deviation = 1, options: Pick<InitOptions, "generator"> = {}): void {
  const [centre, width] = [checkNumber("mean", mean), checkNumber("deviation", deviation, 0)];
  const { generator } = optionsOf(parameter, options, ["generator"]);
  parameter.update((values) => {
    for (let i = 0; i < values.length; i++) values[i] = centre + width * generator.normal();
  });
}

/**
 * Draws from ±gain·√(6/(fan_in + fan_out)).
 *
 * @throws {ShapeError} unless the parameter is a matrix whose rows the blocks divide
 * Source: torch.nn.init.xavier_uniform_; Glorot & Bengio, AISTATS 2010.
 */
export function xavierUniform(parameter: Parameter, options: InitOptions = {}): void {
  const { generator, gain, rows, columns } = optionsOf(parameter, options, ["generator", "gain", "blocks"], true);
  const bound = gain * Math.sqrt(6 / (rows + columns));
  uniform(parameter, -bound, bound, { generator });
}

/**
 * Draws from a normal distribution of deviation gain·√(2/(fan_in + fan_out)).
 *
 * @throws {ShapeError} unless the parameter is a matrix whose rows the blocks divide
 * Source: torch.nn.init.xavier_normal_.
 */
export function xavierNormal(parameter: Parameter, options: InitOptions = {}): void {
  const { generator, gain, rows, columns } = optionsOf(parameter, options, ["generator", "gain", "blocks"], true);
  normal(parameter, 0, gain * Math.sqrt(2 / (rows + columns)), { generator });
}

/**
 * A random orthogonal matrix times gain: rows (or, where there are more rows than columns, columns) of length gain at right angles
 * to one another, uniform over all such matrices. With blocks, each is a matrix of its own: an LSTM's weight_hh wants 4.
 *
 * @throws {ShapeError} unless the parameter is a matrix whose rows the blocks divide
 *
 * @example
 * const recurrent = lstm.parameters().find(({ name }) => name === "weight_hh_l0");
 * init.orthogonal(recurrent, { blocks: 4 });
 * Source: torch.nn.init.orthogonal_; Saxe, McClelland & Ganguli, arXiv:1312.6120.
 */
export function orthogonal(parameter: Parameter, options: InitOptions = {}): void {
  const { generator, gain, rows, columns, blocks } = optionsOf(parameter, options, ["generator", "gain", "blocks"], true);
  parameter.update((values) => {
    for (let b = 0; b < blocks; b++) {
      const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
      const q = orthonormalRows(count, length, generator);
      const from = b * rows * columns;
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          values[from + r * columns + c] = gain * ((rows <= columns ? q[r]?.[c] : q[c]?.[r]) as number);
        }
      }
    }
  });
}

/**
 * Sets the bias of every forget gate of an LSTM: in bias_ih to the value, in bias_hh to 0, whose sum counts.
 *
 * @param value default 1: remember, until told otherwise
 * @throws {ArgumentError} when it has no such biases
 * Source: Gers, Schmidhuber & Cummins, Neural Computation 12 (2000); Jozefowicz et al., ICML 2015.
 */
export function forgetGateBias(lstm: { parameters(): Parameter[]; hiddenSize: number }, value = 1): void {
  checkNumber("value", value);
  const H = lstm.hiddenSize;
  const biases = lstm.parameters().filter(({ name, shape }) => name.startsWith("bias_") && shape[0] === 4 * H);
  if (biases.length === 0) throw new ArgumentError("lstm", "an LSTM with biases", show(lstm));
  for (const bias of biases) {
    bias.update((values) => void values.fill(bias.name.startsWith("bias_ih") ? value : 0, H, 2 * H)); // gates i f g o
  }
}

interface Checked {
  generator: Generator;
  gain: number;
  blocks: number;
  /** Of one block. */
  rows: number;
  columns: number;
}

function optionsOf(parameter: Parameter, options: InitOptions, names: string[], matrix = false): Checked {
  checkOptions(options, names);
  const place = placeOf(parameter);
  if (!place) throw new ArgumentError("parameter", "a parameter (of layer.parameters())", show(parameter));
  const generator = options.generator ?? place.block.runtime.generator;
  if (!(generator instanceof Generator)) throw new ArgumentError("generator", "a Generator", show(generator));
  const gain = checkNumber("gain", options.gain ?? 1);
  const blocks = checkPositive("blocks", options.blocks ?? 1);
  const [all = 0, columns = 0, ...others] = parameter.shape;
  if (matrix && (columns === 0 || others.length > 0 || all % blocks !== 0)) {
    throw new ShapeError(parameter.name, `a matrix of ${blocks} blocks of rows`, show([...parameter.shape]));
  }
  return { generator, gain, blocks, rows: all / blocks, columns };
}

/** Where a vector lost so much of its length against the others that rounding shows, it is cleaned once more (Kahan's "twice is enough"). */
const LOST = 0.1;

/** Gram–Schmidt, modified, on normal draws. @param count at most length */
function orthonormalRows(count: number, length: number, generator: Generator): Float64Array[] {
  const q: Float64Array[] = [];
  while (q.length < count) {
    const v = Float64Array.from({ length }, () => generator.normal());
    let [before, after] = [norm(v), clean(v, q)];
    for (let again = 0; again < 3 && after < LOST * before; again++) [before, after] = [after, clean(v, q)];
    if (after === 0) continue; // it lay in their span
    for (let i = 0; i < length; i++) v[i] = (v[i] as number) / after;
    q.push(v);
  }
  return q;
}

/** Takes from v what lies along the rows of q; the length of what is left. */
function clean(v: Float64Array, q: readonly Float64Array[]): number {
  for (const row of q) {
    let dot = 0;
    for (let i = 0; i < v.length; i++) dot += (v[i] as number) * (row[i] as number);
    for (let i = 0; i < v.length; i++) v[i] = (v[i] as number) - dot * (row[i] as number);
  }
  return norm(v);
}

function norm(v: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < v.length; i++) squares += (v[i] as number) ** 2;
  return Math.sqrt(squares);
}

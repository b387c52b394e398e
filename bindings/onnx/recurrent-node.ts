/** What a node RNN, LSTM or GRU says: sizes, directions, activations. */
import { ArgumentError, FormatError } from "../errors.js";
import type { OnnxNode } from "./node.js";
import type { Shaped } from "./shaped.js";

export type Cell = "RNN" | "LSTM" | "GRU";

export interface Sizes {
  readonly T: number;
  readonly N: number;
  /** Directions. */
  readonly D: number;
  readonly I: number;
  readonly H: number;
}

type Activation = (x: number) => number;

/** By ONNX's names, with alpha and beta as they are given. Those that take none leave the lists alone. */
const ACTIVATIONS: Readonly<Record<string, { readonly defaults: readonly number[]; make(alpha: number, beta: number): Activation }>> = {
  sigmoid: { defaults: [], make: () => (x) => 1 / (1 + Math.exp(-x)) },
  tanh: { defaults: [], make: () => Math.tanh },
  relu: { defaults: [], make: () => (x) => Math.max(x, 0) },
  softsign: { defaults: [], make: () => (x) => x / (1 + Math.abs(x)) },
  softplus: { defaults: [], make: () => (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) },
  leakyrelu: { defaults: [0.01], make: (alpha) => (x) => (x < 0 ? alpha * x : x) },
  thresholdedrelu: { defaults: [1], make: (alpha) => (x) => (x > alpha ? x : 0) },
  elu: { defaults: [1], make: (alpha) => (x) => (x < 0 ? alpha * Math.expm1(x) : x) },
  hardsigmoid: { defaults: [0.2, 0.5], make: (alpha, beta) => (x) => Math.max(0, Math.min(1, alpha * x + beta)) },
  affine: { defaults: [0, 0], make: (alpha, beta) => (x) => alpha * x + beta }, // ONNX Runtime's: without them it gives zeros
  scaledtanh: { defaults: [0, 0], make: (alpha, beta) => (x) => alpha * Math.tanh(beta * x) },
};

const DEFAULTS: Readonly<Record<Cell, readonly string[]>> = { RNN: ["Tanh"], LSTM: ["Sigmoid", "Tanh", "Tanh"], GRU: ["Sigmoid", "Tanh"] };
export const GATES: Readonly<Record<Cell, number>> = { RNN: 1, LSTM: 4, GRU: 3 };

export class RecurrentNode {
  readonly cell: Cell;
  readonly direction: string;
  readonly sizes: Sizes;
  readonly isBatchFirst: boolean;
  /** Of pre-activations; ∞ where there is none. */
  readonly clip: number;
  /** input_forget. */
  readonly coupled: boolean;
  readonly resetAfter: boolean;
  readonly #node: OnnxNode;

  /** @throws {FormatError} when shapes do not fit */
  constructor(node: OnnxNode, inputs: readonly (Shaped | undefined)[]) {
    this.#node = node;
    this.cell = node.op as Cell;
    this.direction = node.string("direction", "forward");
    this.isBatchFirst = node.int("layout", 0) === 1;
    this.clip = node.float("clip", 0) || Number.POSITIVE_INFINITY;
    this.coupled = node.int("input_forget", 0) === 1;
    this.resetAfter = node.int("linear_before_reset", 0) === 1;
    this.sizes = this.#sizes(inputs);
  }

  #sizes([x, w, r, b, lengths, h0, c0, p]: readonly (Shaped | undefined)[]): Sizes {
    const G = GATES[this.cell];
    const D = this.direction === "bidirectional" ? 2 : 1;
    const [first = 0, second = 0, I = 0] = x?.shape ?? [];
    const [T, N] = this.isBatchFirst ? [second, first] : [first, second];
    const H = r?.shape[2] ?? 0;
    const state = this.isBatchFirst ? [N, D, H] : [D, N, H];
    const expected: [string, Shaped | undefined, readonly number[]][] = [
      ["X", x, this.isBatchFirst ? [N, T, I] : [T, N, I]],
      ["W", w, [D, G * H, I]],
      ["R", r, [D, G * H, H]],
      ...(b ? [["B", b, [D, 2 * G * H]] as [string, Shaped, number[]]] : []),
      ...(lengths ? [["sequence_lens", lengths, [N]] as [string, Shaped, number[]]] : []),
      ...(h0 ? [["initial_h", h0, state] as [string, Shaped, number[]]] : []),
      ...(c0 ? [["initial_c", c0, state] as [string, Shaped, number[]]] : []),
      ...(p ? [["P", p, [D, 3 * H]] as [string, Shaped, number[]]] : []),
    ];
    for (const [name, given, shape] of expected)
      if (!given || String(given.shape) !== String(shape))
        throw new FormatError(
          `onnx: ${this.#node.label}: expected ${name} of [${shape.join(", ")}], got ${given ? `[${given.shape.join(", ")}]` : "none"}`,
        );
    return { T, N, D, I, H };
  }

  /** Of Y and of a state. */
  get shapes(): readonly [readonly number[], readonly number[]] {
    const { T, N, D, H } = this.sizes;
    return this.isBatchFirst
      ? [
          [N, T, D, H],
          [N, D, H],
        ]
      : [
          [T, D, N, H],
          [D, N, H],
        ];
  }

  /** sequence_lens, fed or of the file. @throws {ArgumentError} on one below 0, or beyond the steps */
  lengths(values: ArrayLike<number>): number[] {
    const { T } = this.sizes;
    return Array.from(values, (length, n) => {
      if (Number.isInteger(length) && length >= 0 && length <= T) return length;
      throw new ArgumentError(`sequence_lens[${n}]`, `an integer in 0 … ${T}`, `${length}`);
    });
  }

  /** Names of one direction, in small letters. */
  names(direction: number): string[] {
    const own = DEFAULTS[this.cell];
    const given = this.#node.strings("activations");
    const all = given && given.length > 0 ? given : [...own, ...own];
    return all.slice(direction * own.length, (direction + 1) * own.length).map((name) => name.toLowerCase());
  }

  /** The functions of one direction. */
  activations(direction: number): Activation[] {
    const before = direction === 1 ? this.names(0) : [];
    const [alphas, betas] = [[...(this.#node.floats("activation_alpha") ?? [])], [...(this.#node.floats("activation_beta") ?? [])]];
    return [...before, ...this.names(direction)]
      .map((name) => {
        const { defaults, make } = ACTIVATIONS[name] as (typeof ACTIVATIONS)[string];
        const alpha = defaults.length > 0 ? (alphas.shift() ?? (defaults[0] as number)) : 0;
        const beta = defaults.length > 1 ? (betas.shift() ?? (defaults[1] as number)) : 0;
        return make(alpha, beta);
      })
      .slice(before.length);
  }

  /** Whether the cell is the usual one, which has kernels. */
  get isUsual(): boolean {
    if (this.clip !== Number.POSITIVE_INFINITY || this.coupled) return false;
    const usual = DEFAULTS[this.cell].map((name) => name.toLowerCase());
    const [first] = this.names(0);
    if (this.cell === "RNN" && first === "relu") usual[0] = "relu";
    return Array.from({ length: this.sizes.D }, (_, d) => this.names(d)).every((names) => String(names) === String(usual));
  }
}

/** What is wrong with a node, as far as its attributes tell. */
export function faultOf(node: OnnxNode): string | undefined {
  const direction = node.string("direction", "forward");
  if (!["forward", "reverse", "bidirectional"].includes(direction)) return `its direction is ${direction}`;
  const names = node.strings("activations") ?? [];
  const unknown = names.find((name) => !Object.hasOwn(ACTIVATIONS, name.toLowerCase()));
  if (unknown !== undefined) return `its activation ${unknown} is not known here`;
  const count = DEFAULTS[node.op as Cell].length * (direction === "bidirectional" ? 2 : 1);
  return names.length === 0 || names.length === count ? undefined : `it has ${names.length} activations, and not ${count}`;
}

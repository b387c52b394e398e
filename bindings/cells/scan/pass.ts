/** What a cell of operators works with in one pass. */
import { ArgumentError } from "../../errors.js";
import type { Layer } from "../../layers/layer.js";
import { Leaf } from "../../layers/parameter-tensor.js";
import { add, mul } from "../../ops/binary.js";
import { greater } from "../../ops/compare.js";
import { scopeOf } from "../../ops/operator.js";
import { where } from "../../ops/where.js";
import { bytesPer, Tensor } from "../../tensor.js";
import { norm, type Packed, product } from "./operators.js";

/**
 * One cell in one pass over a sequence: its parameters by name, without their ending `_l0`, and randomness while training. Valid within the pass.
 */
export class CellPass {
  /** Sequences. */
  readonly N: number;
  /** Whether the pass is for training: never in a stream. */
  readonly training: boolean;
  readonly #layer: Layer;
  readonly #suffix: string;
  readonly #pack: (name: string) => Packed;

  /** @internal */
  constructor(layer: Layer, suffix: string, { N, training, pack }: { N: number; training: boolean; pack: (name: string) => Packed }) {
    this.#layer = layer;
    this.#suffix = suffix;
    this.N = N;
    this.training = training;
    this.#pack = pack;
  }

  /**
   * x·weightᵀ + bias, of the parameters `weight_hh` and `bias_hh` for `"hh"`; without a bias where the layer has none of the name.
   *
   * @param rows first row of the weight, and how many; default: all
   * @returns takes x [..., I], gives [..., rows] @throws {ArgumentError} when there is no such parameter
   */
  linear(name: string, rows?: readonly [first: number, count: number]): (x: Tensor) => Tensor {
    const [O, I] = this.#shapeOf(`weight_${name}`) as readonly [number, number];
    const [first, count] = rows ?? [0, O];
    const weight = this.#leaf(`weight_${name}`, [count, I], first * I);
    const bias = this.#has(`bias_${name}`) ? this.#leaf(`bias_${name}`, [count], first) : undefined;
    const packed = this.#pack(`${name}${this.#suffix} ${first} ${count}`);
    return (x) => product(x, weight, bias, packed);
  }

  /**
   * Rows normalised: (x − mean)/√(variance + ε)·weight + bias, of the parameters `norm_c_weight` and `norm_c_bias` for `"c"`.
   *
   * @returns takes and gives [..., D] @throws {ArgumentError} when there are none
   */
  norm(name: string, epsilon: number): (x: Tensor) => Tensor {
    const [weight, bias] = [this.parameter(`norm_${name}_weight`), this.parameter(`norm_${name}_bias`)];
    return (x) => norm(x, weight, bias, epsilon);
  }

  /** A parameter as operators take it. @throws {ArgumentError} when there is none of the name */
  parameter(name: string): Tensor {
    return this.#leaf(name, this.#shapeOf(name), 0);
  }

  /**
   * What dropout multiplies by: 0 with probability p, else 1/(1 − p); drawn anew by every call. No gradient goes to it.
   *
   * @param shape of the result, such as [N, H]
   */
  dropped(shape: readonly number[], p: number): Tensor {
    const { runtime, dtype, generator } = this.#layer;
    const { arena } = scopeOf("scan", runtime);
    const n = shape.reduce((a, b) => a * b, 1);
    const y = arena.take(n * bytesPer(dtype));
    runtime.view(dtype, y, n).fill(1);
    const [seed0, seed1] = [generator.bits(), generator.bits()];
    runtime.kernels(dtype).dropout({ y, x: y, n, p, seed0, seed1 });
    return new Tensor(runtime, y, Object.freeze([...shape]), dtype, arena.lease);
  }

  /** Zoneout: while training each element is with probability p the old one, drawn anew by every call; else p·old + (1 − p)·next. */
  zoned(next: Tensor, old: Tensor, p: number): Tensor {
    if (p === 0) return next;
    if (this.training) return where(greater(this.dropped(next.shape, p), 0), next, old);
    return add(mul(old, p), mul(next, 1 - p));
  }

  #leaf(name: string, shape: readonly number[], first: number): Leaf {
    const { block } = this.#layer;
    return new Leaf(block, shape, (block.offsetOf(`${name}${this.#suffix}`) as number) + first);
  }

  #has(name: string): boolean {
    return this.#layer.block.offsetOf(`${name}${this.#suffix}`) !== undefined;
  }

  #shapeOf(name: string): readonly number[] {
    const full = `${name}${this.#suffix}`;
    const found = this.#layer.block.parameters.find((parameter) => parameter.name === full);
    if (!found) throw new ArgumentError("name", `a parameter of this ${this.#layer.name}`, `"${name}"`);
    return found.shape;
  }
}

/** A parameter of one's own, for operators. */
import { checkShape, show, sizeOf } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { isTruly } from "../heir.js";
import { Lease } from "../lease.js";
import type { Parameter, ParameterBlock } from "../parameters.js";
import type { Generator } from "../random.js";
import type { Runtime } from "../runtime.js";
import { type FloatType, Tensor } from "../tensor.js";
import { checkConstruction } from "./doors.js";
import { type Config, Parametric } from "./parametric.js";

/** Options of ParameterTensor. */
export interface ParameterTensorOptions {
  /** Element type; default: the runtime's. */
  dtype?: FloatType;
  /** Where the initial values are drawn from; default: the runtime's generator. */
  generator?: Generator;
  /** Sets the initial values: `(parameter) => init.normal(parameter, 0, 0.02)`. Default: uniform in ±1/√(size of the last axis), as of a Dense; of four axes, as filters of conv2d have, of the last three. */
  init?: (parameter: Parameter) => unknown;
}

/**
 * A parameter of one's own: a tensor that is trained. A part of a model beside its layers, it is counted, saved, frozen and clipped as theirs are;
 * operators take it where they take a tensor. Its name is the model's for it.
 *
 * @example
 * const query = new ParameterTensor(rt, [64], { init: (parameter) => init.normal(parameter, 0, 0.02) });
 * const scores = frame.run(() => mul(output, query));
 * @throws {ShapeError} @throws {ArgumentError} @throws {MemoryError} @throws {DisposedError}
 * Source: torch.nn.Parameter.
 */
export class ParameterTensor extends Parametric {
  readonly shape: readonly number[];
  /** @internal As operators take it. */
  readonly tensor: Tensor;
  readonly #own = true;

  /** @internal */
  override config(): Config {
    const { type, options } = super.config();
    return { type, options: { ...(options as object), shape: this.shape } };
  }

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #own in value);
  }

  constructor(runtime: Runtime, shape: readonly number[], options: ParameterTensorOptions = {}) {
    const { init, ...given } = checkConstruction(runtime, options, ["generator", "init"]);
    const checked = checkShape("shape", shape);
    if (init !== undefined && typeof init !== "function") throw new ArgumentError("init", "a function", show(init));
    super(runtime, "ParameterTensor", given, { value: checked });
    this.shape = checked;
    this.tensor = new Leaf(this.block, checked);
    this.watch(runtime.memory.orphans, [this.block.blocks]);
    try {
      if (init) init(this.parameter);
      else this.block.fillUniform(1 / Math.sqrt(sizeOf(checked.slice(checked.length === 4 ? 1 : -1))), this.generator);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** The parameter itself: `toArray`, `set`, `grad`. */
  get parameter(): Parameter {
    return this.parameters()[0] as Parameter;
  }

  /** @internal */
  protected override release(): void {
    this.block.dispose();
  }
}

/** @internal Values of a block as a tensor. */
export class Leaf extends Tensor {
  readonly #block: ParameterBlock;
  readonly #offset: number;

  /** @param offset its first element in the block */
  constructor(block: ParameterBlock, shape: readonly number[], offset = 0) {
    super(block.runtime, block.pointer(offset), shape, block.dtype, new Lease("its end", block));
    this.#block = block;
    this.#offset = offset;
  }

  override pointer(): number {
    return this.#block.pointer(this.#offset);
  }

  /** Writes by the parameter, and those through views of this tensor. */
  override version(name?: string): number {
    return this.#block.version + super.version(name);
  }

  override get isTrained(): boolean {
    return this.#block.requiresGrad;
  }

  override gradientAddress(): number {
    return this.#block.gradient(this.#offset);
  }
}

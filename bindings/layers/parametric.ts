/** What has parameters: they are listed, trained or frozen, and end with it. */
import { show } from "../checks.js";
import { Owner } from "../dispose.js";
import { ArgumentError } from "../errors.js";
import type { NamedArray } from "../io/safetensors.js";
import { type Parameter, ParameterBlock } from "../parameters.js";
import { Generator } from "../random.js";
import type { Runtime } from "../runtime.js";
import { type LoadStateDictOptions, type LoadStateDictResult, type StateDict, stateDictOf, takeStateDict } from "../state-dict.js";
import type { FloatType } from "../tensor.js";
import { dtypeOf } from "./doors.js";
import type { LayerOptions } from "./passes.js";

/** @internal What a part of a model is, for JSON. */
export interface Config {
  readonly type: string;
  readonly options?: unknown;
  /** Of a model: its parts by name, in their order. */
  readonly layers?: readonly (readonly [string, Config])[];
}

/** What has parameters and modes. */
export abstract class Parametric extends Owner {
  readonly dtype: FloatType;
  /** @internal */
  readonly runtime: Runtime;
  /** @internal */
  readonly block: ParameterBlock;
  /** @internal */
  readonly name: string;
  /** @internal What its weights, and its dropout, are drawn from. */
  readonly generator: Generator;
  readonly #options: Readonly<Record<string, unknown>>;
  #training = true;

  protected constructor(runtime: Runtime, name: string, options: LayerOptions, shapes: Record<string, readonly number[]>) {
    super(name, runtime);
    this.name = name;
    this.runtime = runtime;
    this.dtype = dtypeOf(runtime, options);
    const { generator = runtime.generator, ...others } = options;
    if (!(generator instanceof Generator)) throw new ArgumentError("generator", "a Generator", show(generator));
    this.generator = generator;
    this.#options = { dtype: this.dtype, ...others };
    this.block = new ParameterBlock(runtime, name, this.dtype, shapes);
  }

  /** The trainable arrays, in PyTorch's order. @throws {DisposedError} */
  parameters(): Parameter[] {
    this.block.assertAlive();
    return [...this.block.parameters];
  }

  /** @internal The same, each with its name. */
  namedParameters(): [string, Parameter][] {
    return this.parameters().map((parameter) => [parameter.name, parameter]);
  }

  /** Copies of the parameters by PyTorch's names, such as `weight_ih_l0`: `{ shape, dtype, data }` each. @throws {DisposedError} */
  stateDict(): StateDict {
    return stateDictOf(this.namedParameters());
  }

  /**
   * Takes arrays by such names: all of them, or none when one does not fit.
   *
   * @throws {FormatError} that lists every name that is missing or unexpected, and every shape that differs
   * @throws {DTypeError} on f64 beyond f32 @throws {ArgumentError} @throws {ShapeError} when data do not fill their own shape
   * @example
   * lstm.loadStateDict(loadSafetensors(bytes).tensors, { rename: (name) => name.replace("encoder.", "") });
   */
  loadStateDict(dict: Readonly<Record<string, NamedArray>>, options: LoadStateDictOptions = {}): LoadStateDictResult {
    return takeStateDict(this.namedParameters(), dict, options);
  }

  /** @internal Whether it does nothing in use, as dropout. */
  get idleInUse(): boolean {
    return false;
  }

  /** Whether passes are for training: dropout is active. True until `eval()`. */
  get training(): boolean {
    return this.#training;
  }

  /** Passes are for training from now on. */
  train(): this {
    this.#training = true;
    return this;
  }

  /** Passes are for use from now on: dropout is off. */
  eval(): this {
    this.#training = false;
    return this;
  }

  /** Whether backward passes add to the gradients of the parameters, and optimizers change them. True until `freeze()`. */
  get requiresGrad(): boolean {
    return this.block.requiresGrad;
  }

  /**
   * The parameters stay as they are from now on: backward passes give ∂L/∂x alone, which spares two thirds of their work, and optimizers
   * leave the parameters out.
   */
  freeze(): this {
    this.block.requiresGrad = false;
    return this;
  }

  /** The parameters are trained again. */
  unfreeze(): this {
    this.block.requiresGrad = true;
    return this;
  }

  /** @internal What weights of these names and shapes mean here: they fit only a layer that says the same. */
  describe(): Readonly<Record<string, string | number | boolean>> {
    return { type: this.name };
  }

  /** @internal What it is and was made with: enough to make it again, without its weights. */
  config(): Config {
    return { type: this.name, options: this.#options };
  }

  /** Sets all gradients to zero. @throws {DisposedError} */
  zeroGrad(): void {
    this.block.zeroGrad();
  }
}

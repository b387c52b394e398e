/** What every optimizer has: the parameters it works on, its moments, its learning rate, a state that can be kept. */

import { Buffers } from "../buffers.js";
import { checkNumber, checkOneOf, show, typedKind } from "../checks.js";
import { Owner } from "../dispose.js";
import { ArgumentError } from "../errors.js";
import { isTruly } from "../heir.js";
import { type Parameter, placeOf } from "../parameters.js";
import { bytesPer, copyOf, type FloatArray, zerosOf } from "../tensor.js";
import { packState, unpackState } from "./bytes.js";
import { checkCoefficient, checkSteps, type Moment, readMoment } from "./moments.js";
import { type OptimizerState, type ReadState, readSteps } from "./state.js";
import { checkParameters, type Stretch, stretchesOf } from "./stretch.js";

/** @internal Parameters side by side, and what is kept of them. */
export interface Trained extends Stretch {
  readonly buffers: Buffers;
  /** Whether the moments are in memory: from the first step on. */
  ready: boolean;
  /** Steps that it was not frozen in. */
  steps: number;
}

/** Changes parameters by their gradients. Those of frozen layers stay. */
export abstract class Optimizer extends Owner {
  /** What it trains. */
  readonly parameters: readonly Parameter[];
  /** The rate that schedules start from, once there is one. */
  initialLr?: number;
  readonly #trained: readonly Trained[];
  readonly #moments: readonly Moment[];
  #steps = 0;
  #lr: number;
  /** As it was made. */
  readonly #momentum: number | undefined;
  /** @internal μ, of Adam β₁: a schedule may change it. undefined: it has none. */
  inertia: number | undefined;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #trained in value);
  }

  /** @param inertia μ or β₁, where it has one */
  protected constructor(parameters: readonly Parameter[], lr: number, moments: readonly Moment[], inertia?: number) {
    const checked = checkParameters(parameters);
    super("optimizer", placeOf(checked[0])?.block.runtime ?? null);
    this.parameters = checked;
    this.#lr = checkCoefficient("lr", lr, this.parameters);
    this.#moments = moments;
    this.#momentum = this.inertia = inertia;
    this.#trained = stretchesOf(this.parameters).map((stretch) => {
      return { ...stretch, buffers: new Buffers(stretch.block.runtime.memory), ready: false, steps: 0 };
    });
    const { orphans } = (this.#trained[0] as Trained).block.runtime.memory;
    this.watch(
      orphans,
      this.#trained.map(({ buffers }) => buffers.blocks),
    );
  }

  /** Learning rate; may be changed between steps. */
  get lr(): number {
    return this.#lr;
  }

  /** @throws {ArgumentError} unless it is a number from 0 on, finite in the element type of the parameters */
  set lr(value: number) {
    this.#lr = checkCoefficient("lr", value, this.parameters);
  }

  /**
   * Changes the parameters by their gradients.
   *
   * @throws {DisposedError} when a layer, or this, has been disposed of @throws {MemoryError} nothing has changed then
   */
  step(): void {
    this.assertAlive();
    const going = this.#trained.filter(({ block }) => block.requiresGrad);
    for (const { block } of going) block.gradient();
    this.#take(going);
    this.#steps++;
    for (const one of going) {
      one.steps++;
      this.update(one, one.block.pointer(one.offset), one.block.gradient(one.offset));
      one.block.version++;
    }
  }

  /** Sets the gradients of these parameters to zero. @throws {DisposedError} */
  zeroGrad(): void {
    this.assertAlive();
    for (const { block, offset, size } of this.#trained) block.zeroGrad(offset, size);
  }

  /** A copy of everything that the next steps depend on beside the parameters. @throws {DisposedError} */
  state(): OptimizerState & { tensors: Record<string, FloatArray> } {
    this.assertAlive();
    const tensors: Record<string, FloatArray> = {};
    this.#each((one, moment, name, at, size) => {
      const { dtype } = one.block;
      tensors[name] = one.ready
        ? (copyOf(dtype, this.#view(one, moment, at, size)) as FloatArray)
        : (zerosOf(dtype, size) as FloatArray).fill(moment.start);
    });
    const steps = this.#trained.flatMap((one) => one.sizes.map(() => one.steps));
    const frozen = steps.some((each) => each !== this.#steps);
    const cycled = this.inertia === this.#momentum ? {} : { momentum: this.inertia as number };
    return { kind: this.kind, lr: this.lr, step: this.#steps, ...(frozen ? { steps } : {}), ...cycled, tensors };
  }

  /**
   * The same as the bytes of a safetensors file, the moments in the parameters' shapes.
   *
   * @example
   * const bytes = adam.save(); // later, over the same parameters: new Adam(model.parameters()).load(bytes)
   * @throws {DisposedError}
   */
  save(): Uint8Array<ArrayBuffer> {
    return packState(this.state(), this.parameters);
  }

  /**
   * Continues from what `state()` or `save()` gave: all of it, or where it does not fit nothing.
   *
   * @throws {ArgumentError} when it is of another kind of optimizer, or holds what no optimizer has
   * @throws {FormatError} when they are bytes, and damaged, or not those of such an optimizer
   * @throws {ShapeError} @throws {DTypeError} when it is of other parameters @throws {DisposedError} @throws {MemoryError}
   */
  load(state: OptimizerState | Uint8Array): void {
    const { lr, step, steps, momentum, moments } = this.#read(state);
    this.#take(this.#trained);
    this.#each((one, moment, name, at, size) => this.#view(one, moment, at, size).set(moments.get(name) as FloatArray));
    for (const [i, one] of this.#trained.entries()) one.steps = steps[i] as number;
    this.#steps = step;
    this.#lr = lr;
    this.inertia = momentum;
  }

  /** @internal Throws what `load` would throw. */
  check(state: OptimizerState | Uint8Array): void {
    this.#read(state);
  }

  /** @internal The moments. */
  protected override release(): void {
    for (const { buffers } of this.#trained) buffers.dispose();
  }

  /** @internal The name in its states. */
  abstract readonly kind: string;

  /** @internal */
  protected abstract update(trained: Trained, parameters: number, gradients: number): void;

  /** @internal */
  protected kernels({ block }: Trained) {
    return block.runtime.kernels(block.dtype);
  }

  /** @internal Address of a moment. */
  protected moment({ block, buffers, size }: Trained, name: string): number {
    return buffers.get(name, size * bytesPer(block.dtype));
  }

  /** Takes the moments, all or none. @throws {MemoryError} */
  #take(wanted: readonly Trained[]): void {
    const fresh = wanted.filter(({ ready }) => !ready);
    try {
      for (const one of fresh) for (const { name } of this.#moments) this.moment(one, name);
    } catch (error) {
      for (const { buffers } of fresh) buffers.dispose();
      throw error;
    }
    for (const one of fresh) {
      for (const moment of this.#moments) this.#view(one, moment, 0, one.size).fill(moment.start);
      one.ready = true;
    }
  }

  /** A state's parts, each read once and copied. */
  #read(state: OptimizerState | Uint8Array): ReadState {
    this.assertAlive();
    if (typedKind(state) === "Uint8Array") return unpackState(state as Uint8Array, this.parameters, (unpacked) => this.#check(unpacked));
    return this.#check(state as OptimizerState);
  }

  #check(state: Partial<OptimizerState> = {}): ReadState {
    if (typeof state !== "object" || state === null) throw new ArgumentError("state", `the state of ${this.kind}`, show(state));
    const { kind, lr, step, steps, momentum, tensors } = state; // what else it carries is the caller's
    checkOneOf("state.kind", kind, [this.kind]);
    const rate = checkCoefficient("state.lr", lr, this.parameters);
    const most = checkSteps("state.step", step);
    const each = readSteps(steps, most, this.#trained);
    const inertia = momentum === undefined ? this.#momentum : checkNumber("state.momentum", momentum, 0, 1);
    if (momentum !== undefined && this.#momentum === undefined)
      throw new ArgumentError("state.momentum", "none, this optimizer being without", show(momentum));
    if (typeof tensors !== "object" || tensors === null) throw new ArgumentError("state.tensors", "arrays by name", show(tensors));
    const moments = new Map<string, FloatArray>();
    this.#each(({ block }, moment, name, _, size) => {
      const data = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
      moments.set(name, readMoment(`state.tensors.${name}`, data, size, block.dtype, moment));
    });
    const stranger = Object.keys(tensors).find((name) => !moments.has(name));
    if (stranger !== undefined) throw new ArgumentError("state.tensors", "the moments of these parameters alone", show(stranger));
    return { lr: rate, step: most, steps: each, momentum: inertia, moments };
  }

  /** Every moment of every parameter, named by its place in the list: "m.0", "v.0", "m.1", … */
  #each(visit: (one: Trained, moment: Moment, name: string, at: number, size: number) => void): void {
    let i = 0;
    for (const one of this.#trained) {
      let at = 0;
      for (const size of one.sizes) {
        for (const moment of this.#moments) visit(one, moment, `${moment.name}.${i}`, at, size);
        at += size;
        i++;
      }
    }
  }

  #view(one: Trained, { name }: Moment, at: number, size: number): FloatArray {
    const { runtime, dtype } = one.block;
    return runtime.view(dtype, this.moment(one, name) + at * bytesPer(dtype), size) as FloatArray;
  }

  /** @internal It, and every layer that it trains. */
  override assertAlive(): void {
    super.assertAlive();
    for (const { block } of this.#trained) block.assertAlive();
  }
}

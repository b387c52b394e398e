/** What every layer has: parameters, a tape of its own, a workspace for backward results, and an end. */

import { Buffers } from "../buffers.js";
import { checkBoolean, checkOptions, sameShape, show } from "../checks.js";
import { Owner } from "../dispose.js";
import { ArgumentError, ShapeError, StaleError } from "../errors.js";
import { isTruly } from "../heir.js";
import { type Parameter, ParameterBlock } from "../parameters.js";
import { Generator } from "../random.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, type DType, type FloatType, Lease, Tensor } from "../tensor.js";
import { checkLayout, checkTensor, dtypeOf } from "./doors.js";
import type { BackwardPlan, ChainOptions, ForwardOptions, LayerOptions } from "./passes.js";
import { type Recording, Tape } from "./tape.js";

/** What every layer has: parameters, modes, tapes, an end. */
export abstract class Layer extends Owner {
  readonly dtype: FloatType;
  /** @internal */
  readonly runtime: Runtime;
  /** @internal */
  readonly block: ParameterBlock;
  /** @internal */
  readonly name: string;
  /** Packed weights. */
  protected readonly buffers: Buffers;
  /** Backward results and scratch. */
  protected readonly workspace: Buffers;
  /** @internal What its weights, and its dropout, are drawn from. */
  readonly generator: Generator;
  protected readonly backwardLease: Lease;
  readonly #tape: Tape;
  readonly #tapes = new Set<Tape>();
  #training = true;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #tape in value);
  }

  protected constructor(runtime: Runtime, name: string, options: LayerOptions, shapes: Record<string, readonly number[]>) {
    super(name, runtime);
    this.name = name;
    this.runtime = runtime;
    this.dtype = dtypeOf(runtime, options);
    const { generator = runtime.generator } = options;
    if (!(generator instanceof Generator)) throw new ArgumentError("generator", "a Generator", show(generator));
    this.generator = generator;
    this.block = new ParameterBlock(runtime, name, this.dtype, shapes);
    this.buffers = new Buffers(runtime.memory);
    this.workspace = new Buffers(runtime.memory);
    this.backwardLease = new Lease(`the next backward of this ${name}`, this);
    this.#tape = new Tape(this, name, runtime);
    this.watch(runtime.memory.orphans, [
      this.block.blocks,
      ...[this.buffers, this.workspace, this.#tape.buffers].map(({ blocks }) => blocks),
    ]);
  }

  /** The trainable arrays, in PyTorch's order. @throws {DisposedError} */
  parameters(): Parameter[] {
    this.block.assertAlive();
    return [...this.block.parameters];
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

  /** Sets all gradients to zero. @throws {DisposedError} */
  zeroGrad(): void {
    this.block.zeroGrad();
  }

  /** A tape for a forward that waits for its backward while another forward runs. It ends with the layer. */
  tape(): Tape {
    this.block.assertAlive();
    for (const old of this.#tapes) if (old.disposed) this.#tapes.delete(old);
    const tape = new Tape(this, this.name, this.runtime);
    this.#tapes.add(tape);
    return tape;
  }

  /** @internal Parameters, gradients, workspace and tapes. */
  protected override release(): void {
    for (const tape of [this.#tape, ...this.#tapes]) tape.dispose();
    this.buffers.dispose();
    this.workspace.dispose();
    this.backwardLease.ended = true;
    this.block.dispose();
  }

  /** @internal A backward pass as one of a chain; a layer that gains nothing by `dX: false` may give it all the same. */
  abstract plan(dOutput: Tensor, options?: ChainOptions): BackwardPlan<Tensor | null>;

  protected get kernels() {
    return this.runtime.kernels(this.dtype);
  }

  /** Bytes of n elements. */
  protected bytes(n: number): number {
    return n * bytesPer(this.dtype);
  }

  /** Checks that a tensor may be used here and has the element type; its address. */
  protected address(argument: string, tensor: unknown, dtype: DType = this.dtype): number {
    return checkTensor(argument, tensor, this.runtime, dtype).pointer(argument);
  }

  /** The same, for a tensor of a known shape and, where both say one, layout. */
  protected shaped(argument: string, tensor: unknown, shape: readonly number[], batchFirst?: boolean): number {
    const ptr = this.address(argument, tensor);
    const got = tensor as Tensor;
    if (!sameShape(got.shape, shape)) throw new ShapeError(argument, show([...shape]), show([...got.shape]));
    checkLayout(argument, got, batchFirst);
    return ptr;
  }

  /** The tape that a pass works on: the layer's own unless one is given. */
  protected tapeFor(tape: Tape | undefined): Tape {
    this.block.assertAlive();
    if (tape === undefined) return this.#tape;
    if (!(tape instanceof Tape) || tape.owner !== this) throw new ArgumentError("tape", `a tape of this ${this.name}`, show(tape));
    tape.assertAlive();
    return tape;
  }

  /** The tape that a forward writes to, and whether it records there. */
  protected forwardTape<Options extends ForwardOptions>(
    options: Options,
    others: readonly string[] = [],
  ): { tape: Tape; record: boolean; given: Options } {
    const given = checkOptions(options, ["tape", ...others]);
    const { tape } = given;
    return { tape: this.tapeFor(tape === false ? undefined : tape), record: tape !== false, given };
  }

  /** The tape that a backward reads, and whether ∂L/∂x is wanted. */
  protected chainOptions(options: ChainOptions): { tape: Tape; dX: boolean } {
    const { tape, dX = true } = checkOptions(options, ["tape", "dX"]);
    return { tape: this.tapeFor(tape), dX: checkBoolean("dX", dX) };
  }

  /** Refuses an input that the pass itself would overwrite. @throws {StaleError} */
  protected refuseOwn(argument: string, tensor: Tensor, lease: Lease): void {
    if (!tensor.livesIn(lease)) return;
    throw new StaleError(
      `${argument}: expected a tensor that lasts, got a result that ${lease.until} replaces (clone() it, or use another tape)`,
    );
  }

  /**
   * The address of a checked input; of a copy where it lies in the workspace that is about to be written. To be called
   * before anything else is taken from that workspace.
   */
  protected kept(name: string, tensor: Tensor | null | undefined, ptr: number, lease: Lease, workspace: Buffers): number {
    if (!ptr || !tensor?.livesIn(lease)) return ptr;
    const bytes = this.bytes(tensor.size);
    const copy = workspace.get(`kept ${name}`, bytes);
    this.runtime.memory.copy(copy, ptr, bytes);
    return copy;
  }

  /** Notes a forward for its backward, which will read these tensors. */
  protected record(tape: Tape, x: Tensor, reads: Readonly<Record<string, Tensor>>, more: Omit<Recording, "x" | "version" | "reads">): void {
    const noted = Object.entries(reads).map(([name, tensor]) => ({ name, tensor, version: tensor.version(name) }));
    tape.recording = { x, version: this.block.version, reads: noted, ...more };
  }

  /** What a backward goes back over. @throws {StaleError} when there is nothing, or it no longer fits */
  protected recordingOf(tape: Tape): Recording {
    const { recording } = tape;
    if (!recording) throw new StaleError(`backward: expected a forward of this ${this.name} that recorded on the tape, got none`);
    if (recording.version !== this.block.version) {
      throw new StaleError("backward: expected the parameters that the forward used, got parameters that have changed since");
    }
    recording.x.pointer("x");
    this.refuseOwn("x", recording.x, this.backwardLease);
    for (const { name, tensor, version } of recording.reads) {
      if (tensor.version(name) === version) continue;
      throw new StaleError(`${name}: expected what the forward pass saw, got a tensor that was written since (write into a clone())`);
    }
    return recording;
  }

  /** Runs work that fills a workspace; when it fails, as for want of memory, the workspace is given back. */
  protected filling<R>(workspace: Buffers, work: () => R): R {
    try {
      return work();
    } catch (error) {
      workspace.dispose();
      throw error;
    }
  }

  /** A result in the workspace of a lease. */
  protected result(lease: Lease, ptr: number, shape: readonly number[], batchFirst?: boolean): Tensor {
    return new Tensor(this.runtime, ptr, Object.freeze([...shape]), this.dtype, lease, batchFirst);
  }

  /** Runs a plan. */
  protected carryOut<Result>({ result, run }: BackwardPlan<Result>): Result {
    run();
    return result;
  }
}

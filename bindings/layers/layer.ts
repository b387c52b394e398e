/** What every layer has: parameters, modes, a place for results outside of frames, and an end. */

import { Buffers } from "../buffers.js";
import { checkBoolean, checkOptions, sameShape, show } from "../checks.js";
import { ArgumentError, ShapeError, StaleError } from "../errors.js";
import { Arena } from "../graph/arena.js";
import type { Gradients } from "../graph/node.js";
import { Slots } from "../graph/slots.js";
import { isTruly } from "../heir.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, type DType, type FloatArray, Tensor, type WeightStorage } from "../tensor.js";
import { checkLayout, checkTensor } from "./doors.js";
import { Parametric } from "./parametric.js";
import type { BackwardPlan, ChainOptions, LayerOptions } from "./passes.js";
import { type Recording, Tape } from "./tape.js";

/** What every layer has: parameters, modes, an end. */
export abstract class Layer extends Parametric {
  /** Packed weights. */
  protected readonly buffers: Buffers;
  /** What its own backward gives. */
  readonly #back: Arena;
  /** Of a forward outside of frames. */
  readonly #tape: Tape;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #tape in value);
  }

  protected constructor(runtime: Runtime, name: string, options: LayerOptions, shapes: Record<string, readonly number[]>) {
    super(runtime, name, options, shapes);
    this.buffers = new Buffers(runtime.memory);
    this.#back = new Arena(runtime.memory, `the next backward of this ${name}`, this);
    this.#tape = new Tape(new Arena(runtime.memory, `the next forward of this ${name}`, this), true);
    this.watch(
      runtime.memory.orphans,
      [this.block, this.buffers, this.#back, this.#tape.arena].map(({ blocks }) => blocks),
    );
  }

  /** @internal Parameters, gradients and results. */
  protected override release(): void {
    this.#tape.arena.dispose();
    this.buffers.dispose();
    this.#back.dispose();
    this.block.dispose();
  }

  /**
   * @internal A backward pass: takes all memory that it needs, and says what it will do with it; then nothing can fail, so that gradients are
   * added whole or not at all.
   *
   * @param dy address of ∂L/∂output
   * @param wantsDX a layer that gains nothing by `false` may give it all the same
   */
  protected abstract planned(tape: Tape, dy: number, slots: Slots, wantsDX: boolean): BackwardPlan;

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

  /** Where a forward takes its memory, and whether it is recorded: in the frame at work, or else the layer's own place. */
  protected forwardTape<Options extends object>(
    options: Options,
    others: readonly string[] = [],
  ): { tape: Tape; record: boolean; given: Options } {
    const given = checkOptions(options, others);
    this.block.assertAlive();
    const { scope } = this.runtime;
    return scope ? { tape: new Tape(scope.arena, false), record: scope.nodes !== null, given } : { tape: this.#tape, record: true, given };
  }

  /** @internal The layer's own. */
  protected get ownTape(): Tape {
    this.block.assertAlive();
    return this.#tape;
  }

  /** Refuses an input that the pass itself would overwrite. @throws {StaleError} */
  protected refuseOwn(argument: string, tensor: Tensor, arena: Arena): void {
    if (!tensor.livesIn(arena.lease)) return;
    throw new StaleError(
      `${argument}: expected a tensor that lasts, got a result that ${arena.lease.until} replaces (clone() it, or do both in a frame)`,
    );
  }

  /** Makes a tape ready for a forward over x. @throws {StaleError} when x lies where the results will */
  protected restart(tape: Tape, argument: string, x: Tensor): void {
    this.block.assertAlive(); // reading lengths may have ended it
    if (tape.isOwn) this.refuseOwn(argument, x, tape.arena);
    tape.restart();
  }

  /** What a tensor holds, where a rewind of this arena would take it; to be asked before. Another lasts: undefined. */
  protected saved(tensor: Tensor | null | undefined, arena: Arena): FloatArray | undefined {
    return tensor?.livesIn(arena.lease) ? (tensor.toArray() as FloatArray) : undefined;
  }

  /** Its address; that of a copy of what was saved. */
  protected kept(name: string, ptr: number, saved: FloatArray | undefined, slots: Slots): number {
    if (!saved) return ptr;
    const copy = slots.get(`kept ${name}`, this.bytes(saved.length));
    this.runtime.view(this.dtype, copy, saved.length).set(saved);
    return copy;
  }

  /** A backward pass has weights as they are. @throws {ArgumentError} where the forward has them otherwise */
  protected refuseStored(storage: WeightStorage): void {
    if (storage !== this.dtype) throw new ArgumentError("weights", "f32 or f64 for a backward pass", show(storage));
  }

  /** Notes a forward of one output for its backward. @param input what ∂L/∂x goes to */
  protected record(
    tape: Tape,
    reads: Readonly<Record<string, Tensor>>,
    more: Omit<Recording, "version" | "reads">,
    input: Tensor = more.x,
  ): void {
    this.note(tape, reads, more);
    const { output } = more;
    this.addNode(tape, input.dtype === "i32" ? [] : [input], [output], (gradients) => {
      this.recordingOf(tape);
      const { dX, run } = this.planned(tape, gradients.of(output), gradients.slots, gradients.wants(input));
      gradients.run(run);
      if (dX) gradients.give(input, dX);
    });
  }

  /** Notes what a backward will go over: it reads these tensors. */
  protected note(tape: Tape, reads: Readonly<Record<string, Tensor>>, more: Omit<Recording, "version" | "reads">): void {
    const noted = Object.entries(reads).map(([name, tensor]) => ({ name, tensor, version: tensor.version(name) }));
    tape.recording = { version: this.block.version, reads: noted, ...more };
  }

  /** Adds a call in a frame to the recording under way. */
  protected addNode({ isOwn }: Tape, inputs: readonly Tensor[], outputs: readonly Tensor[], plan: (gradients: Gradients) => void): void {
    if (!isOwn) this.runtime.scope?.nodes?.push({ name: this.name, layer: this, inputs, outputs, learns: () => this.learns, plan });
  }

  /** Whether a backward pass has gradients of parameters to add up. */
  protected get learns(): boolean {
    return this.block.size > 0 && this.requiresGrad;
  }

  /** Backward over the last forward outside of frames, of a layer with one output. */
  protected back(dOutput: Tensor, options: ChainOptions): Tensor | null {
    const { dX: wantsDX = true } = checkOptions(options, ["dX"]);
    checkBoolean("dX", wantsDX);
    const { x, output } = this.recordingOf(this.ownTape);
    const given = this.shaped("dOutput", dOutput, output.shape, output.batchFirst);
    return this.refilling([dOutput], (slots, arena, [saved]) => {
      const dy = this.kept("dOutput", given, saved, slots);
      const { dX, run } = this.planned(this.#tape, dy, slots, wantsDX);
      run();
      return dX ? this.result(arena, dX, x.shape, x.batchFirst) : null;
    });
  }

  /** What a backward goes back over. @throws {StaleError} when there is nothing, or it no longer fits */
  protected recordingOf(tape: Tape): Recording {
    this.block.assertAlive(); // a recording of a frame may outlive the layer
    const { recording } = tape;
    if (!recording) throw new StaleError(`backward: expected a forward of this ${this.name} outside of frames, got none`);
    if (recording.version !== this.block.version) {
      throw new StaleError("backward: expected the parameters that the forward used, got parameters that have changed since");
    }
    recording.x.pointer("x");
    this.refuseOwn("x", recording.x, this.#back);
    for (const { name, tensor, version } of recording.reads) tensor.checkVersion(name, version);
    return recording;
  }

  /** Runs work that fills an arena; when it fails, as for want of memory, one of the layer's own is given back. */
  protected filling<R>({ arena, isOwn }: Pick<Tape, "arena" | "isOwn">, work: () => R): R {
    try {
      return work();
    } catch (error) {
      if (isOwn) arena.release();
      throw error;
    }
  }

  /** Work of a backward pass outside of frames, over the place of its results. @param read tensors whose contents are wanted though they lie there */
  protected refilling<R>(
    read: readonly (Tensor | null | undefined)[],
    work: (slots: Slots, arena: Arena, saved: (FloatArray | undefined)[]) => R,
  ): R {
    const arena = this.#back;
    const saved = read.map((tensor) => this.saved(tensor, arena));
    arena.rewind();
    return this.filling({ arena, isOwn: true }, () => work(new Slots(arena), arena, saved));
  }

  /** A result in an arena. */
  protected result({ lease }: Arena, ptr: number, shape: readonly number[], batchFirst?: boolean): Tensor {
    return new Tensor(this.runtime, ptr, Object.freeze([...shape]), this.dtype, lease, batchFirst);
  }
}

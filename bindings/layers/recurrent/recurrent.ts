/** RNN, LSTM and GRU over whole sequences: everything but the cell, which the kernels know. */
import { checkBoolean, checkLengths, checkOptions, checkPositive, show } from "../../checks.js";
import { ArgumentError, ShapeError, StaleError } from "../../errors.js";
import type { Arena } from "../../graph/arena.js";
import type { Slots } from "../../graph/slots.js";
import type { Runtime } from "../../runtime.js";
import { type FloatArray, Tensor, type WeightStorage } from "../../tensor.js";
import { checkLayout } from "../doors.js";
import { Layer } from "../layer.js";
import type { BackwardPlan } from "../passes.js";
import type { Recording, Tape } from "../tape.js";
import { type PlannedBackward, planBackward } from "./backward.js";
import { type CellKind, namesOf, type StateAddresses } from "./cell-kind.js";
import { checkRecurrent } from "./construction.js";
import { type Core, type Dims, dimsOf, shapeOf, stateShapeOf } from "./core.js";
import { Descriptors } from "./descriptors.js";
import { runForward } from "./forward.js";
import type { RecurrentBackwardOptions, RecurrentForwardOptions, RecurrentOptions, RecurrentState } from "./options.js";
import { cellsOf, PackedWeights, recurrentShapes } from "./packed.js";
import { partsOf, withoutDX } from "./parts.js";
import { RowMover } from "./row-mover.js";
import { rowOrder } from "./row-order.js";
import { RecurrentStream } from "./stream.js";

export abstract class Recurrent<State extends RecurrentState> extends Layer {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  /** @internal */
  kind: CellKind;
  /** @internal */
  packed!: PackedWeights;
  /** @internal How the packed weights are stored. */
  storage!: WeightStorage;

  /** @internal forward takes `lengths`. */
  readonly takesLengths = true;
  readonly bidirectional: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly residual: boolean;
  /** @internal */
  protected core: Core;

  /** @param kindOf the cell of so many units; what it is given is checked but for the `others` */
  protected constructor(
    runtime: Runtime,
    kindOf: (hiddenSize: number, given: RecurrentOptions) => CellKind,
    options: RecurrentOptions,
    others: readonly string[] = [],
  ) {
    const { given, I, H, L, D, bias, batchFirst, dropout, residual, learnedState, weights } = checkRecurrent(runtime, options, others);
    const kind = kindOf(H, given);
    const cells = cellsOf(I, kind, L, D, learnedState);
    super(runtime, kind.name, given, recurrentShapes(cells, bias));
    this.kind = kind;
    this.inputSize = I;
    this.hiddenSize = H;
    this.numLayers = L;
    this.bidirectional = D === 2;
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.residual = residual;
    const { dtype } = this;
    const mover = new RowMover(runtime, dtype, kind.P, D);
    this.core = { runtime, dtype, I, L, D, batchFirst, dropout, residual, mover } as Core;
    this.store(weights ?? dtype, cells);
    this.block.fillUniform(1 / Math.sqrt(H), this.generator);
    for (const { name, update } of this.block.parameters) if (/^[hc]0/.test(name)) update((learned) => void learned.fill(0));
  }

  /** @internal Packs its weights otherwise from now on; streams that are there go on as they were made. */
  store(storage: WeightStorage, cells = this.packed.cells): void {
    const { runtime, dtype } = this;
    const kind = (storage === "int8" && runtime.int8?.withCodes(this.kind, cells)) || this.kind;
    const packed = new PackedWeights(this.block, this.buffers, kind, cells, storage);
    Object.assign(this, { kind, packed, storage });
    this.core = { ...this.core, kind, packed, storage, descriptors: new Descriptors(runtime, dtype, kind, packed) };
  }

  /** @internal */
  override describe() {
    return this.residual ? { ...super.describe(), residual: true } : super.describe();
  }

  /** Features of the output: those of h, or twice as many for a bidirectional layer. */
  get outputSize(): number {
    return this.core.D * this.kind.P;
  }

  /**
   * Runs whole sequences.
   *
   * @param x [T, N, I] (time, batch, features; with batchFirst [N, T, I]), or [T, I] for one sequence without a batch
   * @param options state: where to begin, default zeros, or what is learned; lengths: steps of each sequence
   * @returns output [T, N, outputSize] (laid out as x), the top layer's h at every step, zeros in the padding, and the final state of every layer,
   * each sequence's after its own last step; valid until the next forward (in a frame, until that runs again). The state of one forward may be given to the next.
   * @throws {ArgumentError} when a length is not in 1 … T
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  forward(x: Tensor, options: RecurrentForwardOptions<State> = {}): { output: Tensor; state: State } {
    const { tape, record, given: how } = this.forwardTape(options, ["state", "lengths"]);
    const dims = this.#dims(x);
    const { T, N } = dims;
    const lengths = how.lengths === undefined ? null : checkLengths("lengths", how.lengths, N, T);
    const core = this.core;
    const state = partsOf("state", how.state);
    const given = this.#stateAddresses("state", state, dims);
    const saved = tape.isOwn ? this.#parts(state).map((part) => this.saved(part, tape.arena)) : [];
    this.restart(tape, "x", x);
    this.packed.packForward();
    return this.filling(tape, () => {
      const { slots, arena } = tape;
      const order = rowOrder(this.runtime, slots, dims, lengths, this.batchFirst, core.D === 2);
      const start = this.#kept(given, saved, slots);
      const generator = this.training && this.dropout > 0 ? this.generator : null;
      const done = runForward(core, { tape, order, record, x: x.pointer("x"), rows: T * N, start, generator });
      const layout = dims.batched ? this.batchFirst : undefined;
      const output = this.result(arena, done.output, shapeOf(dims, this.batchFirst, this.outputSize), layout);
      const end = this.#state(arena, done.end, dims);
      if (record) this.#record(tape, { x, output, T, N, order, dropout: done.dropout, learned: state === undefined }, state, end);
      return { output, state: end };
    });
  }

  #record(tape: Tape, noted: Omit<Recording, "version" | "reads">, start: Partial<State> | undefined, end: State): void {
    const { x, output } = noted;
    this.note(tape, { x, output }, noted);
    const given = this.#parts(start);
    const ends = this.#parts(end) as Tensor[];
    const inputs = [x, ...given].filter((tensor) => tensor !== undefined);
    this.addNode(tape, inputs, [output, ...ends], (gradients) => {
      this.recordingOf(tape);
      const dEnd = ends.map((tensor) => gradients.of(tensor));
      const planned = this.#planned(tape, gradients.of(output), dEnd, gradients.slots, gradients.wants(x));
      gradients.run(planned.run);
      if (planned.dX) gradients.give(x, planned.dX);
      for (const [i, tensor] of given.entries()) if (tensor) gradients.give(tensor, planned.dStart[i] as number);
    });
  }

  /**
   * Back through time over the last recorded forward. Adds to the gradients of the parameters.
   *
   * @param dOutput ∂L/∂output, of output's shape; null where the loss reads the final state alone
   * @param dState ∂L/∂state, each part optional
   * @param options dX: false leaves dX out, and reading it throws
   * @returns dX, of x's shape, and the gradient of the initial state; valid until the next backward
   * @throws {StaleError} when there is no recorded forward, or the parameters have changed or x was replaced since
   * @throws {ShapeError} @throws {DTypeError} @throws {DisposedError} @throws {MemoryError}
   */
  backward(dOutput: Tensor | null, dState: Partial<State> = {}, options: RecurrentBackwardOptions = {}): { dX: Tensor; dState: State } {
    const { dX: wantsDX = true } = checkOptions(options, ["dX"]);
    checkBoolean("dX", wantsDX);
    const tape = this.ownTape;
    const { x, output } = this.recordingOf(tape);
    const dims = this.#dims(x);
    const parts = partsOf("dState", dState);
    const given = this.#stateAddresses("dState", parts, dims);
    const dy = dOutput === null ? 0 : this.shaped("dOutput", dOutput, output.shape, output.batchFirst);
    return this.refilling([dOutput, ...this.#parts(parts)], (slots, arena, [savedDy, ...saved]) => {
      const end = this.#kept(given, saved, slots);
      const planned = this.#planned(tape, this.kept("dOutput", dy, savedDy, slots), end, slots, wantsDX);
      planned.run();
      const dStart = this.#state(arena, planned.dStart, dims);
      return wantsDX ? { dX: this.result(arena, planned.dX, x.shape, output.batchFirst), dState: dStart } : withoutDX(dStart);
    });
  }

  /** @internal */
  protected override planned(tape: Tape, dy: number, slots: Slots, wantsDX: boolean): BackwardPlan {
    return this.#planned(tape, dy, [], slots, wantsDX);
  }

  #planned(tape: Tape, above: number, end: StateAddresses, slots: Slots, wantsDX: boolean): PlannedBackward {
    this.refuseStored(this.storage);
    const { order, dropout, learned = false, T, N } = this.recordingOf(tape);
    if (!order || !dropout) throw new StaleError("backward: expected a recording of a recurrent layer, got another");
    return planBackward(this.core, { tape, order, dropout, slots, above, end, learned, rows: T * N, wantsDX, learns: this.requiresGrad });
  }

  /**
   * One step at a time, with the state kept: `stream.input.set(x); stream.step(); use(stream.output)`.
   *
   * @param options batch: rows, N; default 1. They `join`, `leave`, `reset` and `step` by themselves where they are asked to
   * @throws {ArgumentError} for a bidirectional layer
   */
  stream(
    options: { batch?: number } = {},
  ): RecurrentStream<State extends { c: Tensor } ? { h: FloatArray; c: FloatArray } : { h: FloatArray }> {
    this.block.assertAlive();
    const { batch = 1 } = checkOptions(options, ["batch"]);
    if (this.bidirectional) throw new ArgumentError("bidirectional", "false for a stream, which knows no end to read from", "true");
    return new RecurrentStream(this, checkPositive("batch", batch));
  }

  #dims(x: Tensor): Dims {
    this.address("x", x);
    const { shape } = x;
    const batched = shape.length === 3;
    if ((shape.length !== 2 && !batched) || shape.at(-1) !== this.inputSize) {
      const layout = this.batchFirst ? "[N, T" : "[T, N";
      throw new ShapeError("x", `${layout}, ${this.inputSize}] or [T, ${this.inputSize}]`, show([...shape]));
    }
    if (batched) checkLayout("x", x, this.batchFirst);
    return dimsOf(shape, this.batchFirst);
  }

  /** Addresses of the parts. An initial state is whole or absent; a gradient may lack parts: 0. */
  #stateAddresses(argument: "state" | "dState", state: Partial<State> | undefined, dims: Dims): StateAddresses {
    const { states } = this.kind;
    if (state === undefined) return states.map(() => 0);
    if (typeof state !== "object" || state === null || state instanceof Tensor)
      throw new ArgumentError(argument, namesOf(states), show(state));
    return states.map((part) => {
      const tensor = state[part.name];
      if (argument === "dState" && tensor === undefined) return 0;
      return this.shaped(`${argument}.${part.name}`, tensor, stateShapeOf(this.core, dims, part));
    });
  }

  /** Its parts in the order of the description. */
  #parts(state: Partial<RecurrentState> | undefined): (Tensor | undefined)[] {
    return this.kind.states.map(({ name }) => state?.[name]);
  }

  /** Their addresses; those of copies of what was saved. */
  #kept(given: StateAddresses, saved: readonly (FloatArray | undefined)[], slots: Slots): StateAddresses {
    return given.map((ptr, i) => this.kept(`state ${i}`, ptr, saved[i], slots));
  }

  #state(arena: Arena, at: StateAddresses, dims: Dims): State {
    const parts = this.kind.states.map((part, i) => [part.name, this.result(arena, at[i] as number, stateShapeOf(this.core, dims, part))]);
    return Object.fromEntries(parts) as State;
  }
}

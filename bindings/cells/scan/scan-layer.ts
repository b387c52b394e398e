/** A recurrent layer whose cell is written with operators: all that is not the cell. */
import { checkBoolean, checkLengths, checkOptions, checkPositive, show, sizeOf } from "../../checks.js";
import { ArgumentError } from "../../errors.js";
import type { Backward } from "../../graph/backward.js";
import type { Node, Scope } from "../../graph/node.js";
import type { Slots } from "../../graph/slots.js";
import { Layer } from "../../layers/layer.js";
import type { BackwardPlan } from "../../layers/passes.js";
import type { Dims } from "../../layers/recurrent/core.js";
import type { RecurrentBackwardOptions, RecurrentForwardOptions } from "../../layers/recurrent/options.js";
import type { Cell } from "../../layers/recurrent/packed.js";
import { withoutDX } from "../../layers/recurrent/parts.js";
import type { Tape } from "../../layers/tape.js";
import { operatorKernels } from "../../ops/load.js";
import type { Runtime } from "../../runtime.js";
import { type FloatArray, Tensor } from "../../tensor.js";
import { type CellDescription, type CellState, type CellSteps, checkInput, checkScanLayer, type ScanLayerOptions } from "./cell.js";
import { Packed } from "./operators.js";
import { OwnRecording } from "./own-recording.js";
import { CellPass } from "./pass.js";
import { named, runStack, type Stack } from "./stack.js";
import { ScanLayerStream } from "./stream.js";

/** States that a forward began and ended with. */
type Ends = Readonly<Record<"start" | "end", CellState>>;

/**
 * A recurrent layer of your own, its cell written with operators: describe the cell and write its steps. Stacking, both directions, lengths,
 * layouts, states, streams, files and `fit` come from here. It needs `await loadOperators(rt)`.
 *
 * @example
 * class MinimalGatedUnit extends ScanLayer {
 *   constructor(rt, options) {
 *     const parameters = (I, H) => ({ weight_ih: [2 * H, I], weight_hh: [2 * H, H], bias_ih: [2 * H] });
 *     super(rt, options, { name: "MinimalGatedUnit", states: ["h"], parameters });
 *   }
 *   cell(pass, x) {
 *     const H = this.hiddenSize;
 *     const [gate, candidate] = [pass.linear("hh", [0, H]), pass.linear("hh", [H, H])];
 *     const step = (z, { h }) => {
 *       const [zf, zh] = split(z, 2, -1);
 *       const f = sigmoid(add(zf, gate(h)));
 *       return { h: add(mul(sub(1, f), h), mul(f, tanh(add(zh, candidate(mul(f, h)))))) };
 *     };
 *     return { x: pass.linear("ih")(x), step };
 *   }
 * }
 * Source: as torch.nn.LSTM, but for the cell.
 */
export abstract class ScanLayer extends Layer {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bidirectional: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  /** Names of the states, h first. */
  readonly states: readonly string[];
  /** @internal forward takes `lengths`. */
  readonly takesLengths = true;
  readonly #cells: readonly Cell[];
  readonly #packs = new Map<string, Packed>();
  readonly #own: OwnRecording;
  /** Of the last forward outside of frames. */
  #ends: Ends | undefined;

  /**
   * @param description of the cell
   * @throws {ArgumentError} on options it cannot take, or a runtime without operators @throws {MemoryError} @throws {DisposedError}
   */
  protected constructor(runtime: Runtime, options: ScanLayerOptions, description: CellDescription) {
    const { given, shapes, cells, ...checked } = checkScanLayer(runtime, options, description);
    super(runtime, description.name, given, shapes);
    this.inputSize = given.inputSize;
    this.hiddenSize = given.hiddenSize;
    this.numLayers = checked.numLayers;
    this.bidirectional = checked.bidirectional;
    this.batchFirst = checked.batchFirst;
    this.dropout = checked.dropout;
    this.states = description.states;
    this.#cells = cells;
    this.#own = new OwnRecording(runtime, this.name, this);
    try {
      operatorKernels(runtime, this.dtype);
      this.block.fillUniform(1 / Math.sqrt(this.hiddenSize), this.generator);
      for (const { name: each, update } of this.block.parameters)
        if (each.startsWith("norm_")) update((values) => void values.fill(/_weight_l\d/.test(each) ? 1 : 0));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * A cell, in one pass: called once for each cell and pass, so that what is the same for all steps is made once.
   *
   * @param pass its parameters, and randomness
   * @param x [T, N, I], time first, or in a stream [N, I]
   */
  protected abstract cell(pass: CellPass, x: Tensor): CellSteps;

  /** Features of the output: H, or 2H for a bidirectional layer. */
  get outputSize(): number {
    return (this.bidirectional ? 2 : 1) * this.hiddenSize;
  }

  /**
   * Runs whole sequences.
   *
   * @param x [T, N, I] (time, batch, features; with batchFirst [N, T, I]), or [T, I] for one sequence without a batch
   * @param options state: where to begin, default zeros; lengths: steps of each sequence
   * @returns output [T, N, outputSize] (laid out as x), the top layer's h at every step, zeros in the padding, and the final states of every cell,
   * [numLayers · directions, N, H] each; valid until the next forward (in a frame, until that runs again)
   * @throws {ArgumentError} when a length is not in 1 … T
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  forward(x: Tensor, options: RecurrentForwardOptions<CellState> = {}): { output: Tensor; state: CellState } {
    const { tape, given } = this.forwardTape(options, ["state", "lengths"]);
    const dims = checkInput(x, this);
    const lengths = given.lengths === undefined ? undefined : checkLengths("lengths", given.lengths, dims.N, dims.T);
    const state = given.state === undefined ? undefined : this.#checkState("state", given.state, dims);
    const { isOwn, arena } = tape;
    // Outside of frames a copy: it may lie where the results will, and two states may be one tensor.
    const copies = this.states.map((name) => (isOwn ? (state?.[name]?.toArray() as FloatArray | undefined) : undefined));
    this.restart(tape, "x", x);
    return this.filling(tape, () => {
      const start = named(this.states, (name, i) => (isOwn ? undefined : state?.[name]) ?? this.#ownState(tape, name, dims, copies[i]));
      const run = () => runStack(this.#stack(this.training), { x, dims, lengths, start });
      if (!isOwn) return this.#runInFrame(run);
      const done = this.#own.run(arena, run);
      this.#ends = { start, end: done.state };
      this.note(tape, { x, output: done.output }, { x, output: done.output, T: dims.T, N: dims.N });
      return done;
    });
  }

  /** What is recorded there is of this layer. */
  #runInFrame<R>(run: () => R): R {
    const { nodes } = this.runtime.scope as Scope;
    const from = nodes?.length ?? 0;
    const done = run();
    for (let i = from; nodes && i < nodes.length; i++) nodes[i] = { layer: this, ...(nodes[i] as Node) };
    return done;
  }

  /**
   * Back through time over the last forward outside of frames. Adds to the gradients of the parameters.
   *
   * @param dOutput ∂L/∂output, of output's shape; null where the loss reads the final state alone
   * @param dState ∂L/∂state, each part optional
   * @param options dX: false leaves dX out, and reading it throws
   * @returns dX, of x's shape, and the gradient of the initial state; valid until the next backward
   * @throws {StaleError} when there is no such forward, or the parameters have changed or x was replaced since
   * @throws {ShapeError} @throws {DTypeError} @throws {DisposedError} @throws {MemoryError}
   */
  backward(
    dOutput: Tensor | null,
    dState: Partial<CellState> = {},
    options: RecurrentBackwardOptions = {},
  ): { dX: Tensor; dState: CellState } {
    const { dX: wantsDX = true } = checkOptions(options, ["dX"]);
    checkBoolean("dX", wantsDX);
    const { x, output } = this.recordingOf(this.ownTape);
    const dims = checkInput(x, this);
    const parts = this.#checkState("dState", dState, dims);
    if (dOutput !== null) this.shaped("dOutput", dOutput, output.shape, output.batchFirst);
    const given = [dOutput, ...this.states.map((name) => parts[name])];
    return this.refilling(given, (slots, arena, saved) => {
      const [dy = 0, ...ends] = given.map((tensor, i) => (tensor ? this.kept(`end ${i}`, tensor.pointer(), saved[i], slots) : 0));
      const pass = this.#plan(dy, ends, wantsDX);
      pass.carryOut();
      const { start } = this.#ends as Ends;
      const dStart = named(this.states, (name) => this.result(arena, pass.asked(start[name] as Tensor), this.#stateShape(dims)));
      return wantsDX ? { dX: this.result(arena, pass.asked(x), x.shape, output.batchFirst), dState: dStart } : withoutDX(dStart);
    });
  }

  /** @internal */
  protected override planned(tape: Tape, dy: number, _: Slots, wantsDX: boolean): BackwardPlan {
    const { x } = this.recordingOf(tape);
    const pass = this.#plan(dy, [], wantsDX);
    return { dX: pass.asked(x), run: () => pass.carryOut() };
  }

  /** @param dy address of ∂L/∂output @param ends of ∂L/∂state, by the order of the states; 0 for none */
  #plan(dy: number, ends: readonly number[], wantsDX: boolean): Backward {
    const { x, output } = this.recordingOf(this.ownTape);
    const { start, end } = this.#ends as Ends;
    const states = this.states.map((name, i) => [end[name] as Tensor, ends[i] ?? 0] as const);
    return this.#own.plan([...(wantsDX ? [x] : []), ...Object.values(start)], [[output, dy], ...states]);
  }

  /**
   * One step at a time, with the state kept: `stream.input.set(x); stream.step(); use(stream.output)`; the bits of forward after `eval()`.
   *
   * @param options batch: rows, N; default 1. They `join`, `leave`, `reset` and `step` by themselves where they are asked to
   * @throws {ArgumentError} for a bidirectional layer
   */
  stream(options: { batch?: number } = {}): ScanLayerStream {
    this.block.assertAlive();
    const { batch = 1 } = checkOptions(options, ["batch"]);
    if (this.bidirectional) throw new ArgumentError("bidirectional", "false for a stream, which knows no end to read from", "true");
    return new ScanLayerStream(this, this.#stack(false), checkPositive("batch", batch));
  }

  /** @internal */
  protected override release(): void {
    super.release();
    this.#own.dispose();
  }

  #stack(training: boolean): Stack {
    const { numLayers: L, bidirectional, states, batchFirst, dropout } = this;
    const pack = (name: string) => {
      const packed = this.#packs.get(name) ?? new Packed(this.buffers, name);
      this.#packs.set(name, packed);
      return packed;
    };
    return {
      ...{ L, D: bidirectional ? 2 : 1, states, batchFirst, dropout },
      pass: (k, N) => new CellPass(this, (this.#cells[k] as Cell).suffix, { N, training, pack }),
      cell: (pass, x) => this.cell(pass, x),
    };
  }

  /** A copy of the parts: an initial state is whole, a gradient may lack some. */
  #checkState(argument: "state" | "dState", state: Partial<CellState>, dims: Dims): Partial<CellState> {
    if (typeof state !== "object" || state === null || state instanceof Tensor)
      throw new ArgumentError(argument, `{ ${this.states.join(", ")} }`, show(state));
    const parts = checkOptions(state, this.states, argument);
    for (const name of this.states)
      if (argument === "state" || parts[name] !== undefined) this.shaped(`${argument}.${name}`, parts[name], this.#stateShape(dims));
    return parts;
  }

  /** A state in the memory of a pass: these values, or zeros. */
  #ownState({ slots, arena }: Tape, name: string, dims: Dims, values: FloatArray | undefined): Tensor {
    const shape = this.#stateShape(dims);
    const ptr = slots.get(`start ${name}`, this.bytes(sizeOf(shape)));
    const view = this.runtime.view(this.dtype, ptr, sizeOf(shape));
    if (values) view.set(values);
    else view.fill(0);
    return this.result(arena, ptr, shape);
  }

  #stateShape({ N, batched }: Dims): number[] {
    return batched ? [this.#cells.length, N, this.hiddenSize] : [this.#cells.length, this.hiddenSize];
  }
}

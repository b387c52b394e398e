/** A recurrent layer one step at a time: the state stays in linear memory, a step makes no garbage. */

import { Buffers } from "../../buffers.js";
import { checkData, checkOptions, show } from "../../checks.js";
import { Owner } from "../../dispose.js";
import { ArgumentError } from "../../errors.js";
import { bytesPer, type FloatArray, zerosOf } from "../../tensor.js";
import { LiveView } from "../live-view.js";
import { RowMove, type Rowwise, StreamRows } from "../stream-rows.js";
import { namesOf, type StatePart } from "./cell-kind.js";
import { StreamCells, type StreamedLayer } from "./stream-cells.js";

/** Flat copies of h and, for an LSTM, c: [numLayers, N, H], or of one row [numLayers, H]. */
export interface StreamState {
  h: ArrayLike<number>;
  c?: ArrayLike<number>;
}

/** Made by `layer.stream()`. Follows changes of the layer's parameters. A row has the bits that it has in a stream alone. */
export class RecurrentStream<S extends StreamState> extends Owner implements Rowwise {
  readonly #layer: StreamedLayer;
  readonly #buffers: Buffers;
  readonly #rows: StreamRows;
  readonly #cells: StreamCells;
  readonly #input: LiveView;
  readonly #output: LiveView;
  readonly #moveX: RowMove;
  readonly #moveY: RowMove;

  /** @internal Use `layer.stream()`. */
  constructor(layer: StreamedLayer, N: number) {
    const { runtime, dtype, inputSize: I } = layer;
    const { P } = layer.kind;
    super("stream", layer.block);
    this.#layer = layer;
    this.#buffers = new Buffers(runtime.memory);
    try {
      this.#cells = new StreamCells(layer, this.#buffers, N);
      this.#rows = new StreamRows(runtime, this.#buffers, N);
    } catch (error) {
      this.#buffers.dispose();
      throw error;
    }
    const { input, output, workInput } = this.#cells;
    this.#input = new LiveView(runtime, dtype, input, N * I, this);
    this.#output = new LiveView(runtime, dtype, output, N * P, this);
    this.#moveX = new RowMove(runtime, dtype, input, workInput, I);
    this.#moveY = new RowMove(runtime, dtype, output, 0, P);
    this.watch(runtime.memory.orphans, [this.#buffers.blocks]);
    this.#begin();
  }

  /** What the next step reads, [N, I] flat. Live: write into it. Read the property anew after anything that may allocate. */
  get input(): FloatArray {
    return this.#input.get();
  }

  /** What each row's last step gave, the top layer's h, [N, outputSize] flat. Live: the next step overwrites it. */
  get output(): FloatArray {
    return this.#output.get();
  }

  /** How many rows are live: all, until some leave. */
  get live(): number {
    this.assertAlive();
    return this.#rows.live;
  }

  /**
   * One time step of all live rows, or of these alone, at a cost that goes with their number. The others stay as they are.
   *
   * @param rows live rows, each once, in any order
   * @throws {ArgumentError} when they are not; then no row has gone a step @throws {ShapeError} when there are more than N
   * @throws {DisposedError} after `dispose()` of the stream, its layer or the runtime
   */
  step(rows?: ArrayLike<number>): void {
    this.assertAlive();
    if (rows === undefined && this.#rows.full && this.#cells.inPlace) {
      this.#cells.step(); // nothing to ask
      return;
    }
    const count = this.#rows.ask(rows);
    this.assertAlive(); // reading them may have called anything
    if (count === this.#rows.N && this.#cells.inPlace) this.#cells.step();
    else this.#rows.run(this, count);
  }

  /**
   * A free row becomes live, with the state of a reset or this one, and its input and output zero.
   *
   * @param state of one row, as `getState(row)` gives it
   * @returns the lowest free row: it is the newcomer's until it leaves
   * @throws {ArgumentError} when no row is free @throws {ShapeError} @throws {DisposedError}
   */
  join(state?: StreamState): number {
    this.assertAlive();
    const row = this.#rows.free();
    const take = state === undefined ? undefined : this.accept(state, "state", row);
    this.#rows.checkStill(row, false);
    const { inputSize: I, kind } = this.#layer;
    this.input.fill(0, row * I, (row + 1) * I);
    this.output.fill(0, row * kind.P, (row + 1) * kind.P);
    this.#begin(row);
    take?.();
    this.#rows.join(row);
    return row;
  }

  /** A row becomes free, or all: no step computes it until another joins. @throws {ArgumentError} unless it is live @throws {DisposedError} */
  leave(): void;
  leave(row: number): void;
  leave(...given: [row?: number]): void {
    this.assertAlive();
    this.#rows.leave(this.#rows.named(given));
  }

  /** Back to the zero state, or to what is learned in its place: all rows, or one. @throws {ArgumentError} unless it is a live row @throws {DisposedError} */
  reset(): void;
  reset(row: number): void;
  reset(...given: [row?: number]): void {
    this.#begin(this.#rows.named(given));
  }

  /** A copy of the state, as the next step will find it. */
  get state(): S {
    return this.#copy();
  }

  /** Takes a copy: all of it, or where it does not fit nothing. @throws {ShapeError} @throws {ArgumentError} @throws {DisposedError} */
  set state(state: StreamState) {
    this.accept(state, "state")();
  }

  /** A copy of one row's state: what a stream alone would have. @throws {ArgumentError} unless it is a live row @throws {DisposedError} */
  getState(row: number): S {
    return this.#copy(this.#rows.check(row));
  }

  /** Gives one row such a state, of this or of another stream. @throws {ShapeError} @throws {ArgumentError} @throws {DisposedError} */
  setState(row: number, state: StreamState): void {
    const take = this.accept(state, "state", this.#rows.check(row));
    this.#rows.checkStill(row, true);
    take();
  }

  /** @internal Checks a state, of all rows or of one, and copies it; what is returned takes it, and does not fail. */
  accept(given: unknown, argument: string, row?: number): () => void {
    this.assertAlive();
    const { states } = this.#layer.kind;
    if (typeof given !== "object" || given === null) throw new ArgumentError(argument, namesOf(states), show(given));
    const state = checkOptions(given as Partial<StreamState>, ["h", "c"], argument);
    const parts = states.map(({ name, size }) =>
      Float64Array.from(checkData(`${argument}.${name}`, state[name], this.#cells.states.length * this.#count(row) * size)),
    );
    return () => this.#each((view, i, l) => view.set((parts[i] as Float64Array).subarray(l * view.length, (l + 1) * view.length)), row);
  }

  /** @internal Row n of the state becomes what row rows[n] was; rows that are not named stay. */
  select(rows: readonly number[]): void {
    this.#each((view) => {
      const old = view.slice();
      const size = view.length / this.#rows.N;
      for (const [n, row] of rows.entries()) view.set(old.subarray(row * size, (row + 1) * size), n * size);
    });
  }

  /** @internal */
  checkRows(): void {} // any number will do

  /** @internal */
  gatherRows(table: number, count: number): void {
    this.#moveX.gather(table, count);
  }

  /** @internal */
  stepRows(table: number, count: number): void {
    this.#cells.stepRows(table, count);
  }

  /** @internal */
  scatterRows(table: number, count: number): void {
    this.#moveY.scatter(table, count, this.#cells.workOutput);
  }

  /** @internal Addresses of the rows at work. */
  get workInput(): number {
    return this.#cells.workInput;
  }

  /** @internal Known after a step. */
  get workOutput(): number {
    return this.#cells.workOutput;
  }

  /** @internal */
  protected override release(): void {
    this.#buffers.dispose();
    this.#input.end();
    this.#output.end();
  }

  /** The state that a sequence has where it begins: of all rows or of one. */
  #begin(row?: number): void {
    const { runtime, dtype, kind, packed } = this.#layer;
    this.#each((view, i, l) => {
      const part = kind.states[i] as StatePart;
      const from = packed.initial(l, part);
      view.fill(0);
      for (let at = 0; from && at < view.length; at += part.size) view.set(runtime.view(dtype, from, part.size) as FloatArray, at);
    }, row);
  }

  #count(row: number | undefined): number {
    return row === undefined ? this.#rows.N : 1;
  }

  #copy(row?: number): S {
    const { kind, dtype } = this.#layer;
    const parts: Record<string, FloatArray> = {};
    this.#each((view, i, l) => {
      const name = (kind.states[i] as StatePart).name;
      parts[name] ??= zerosOf(dtype, this.#cells.states.length * view.length) as FloatArray;
      parts[name].set(view, l * view.length);
    }, row);
    return parts as unknown as S;
  }

  /** The state of all rows or of one, cell by cell. */
  #each(visit: (view: FloatArray, part: number, layer: number) => void, row?: number): void {
    this.assertAlive();
    const { runtime, dtype, kind } = this.#layer;
    for (const [i, { size }] of kind.states.entries()) {
      const at = (row ?? 0) * size * bytesPer(dtype);
      for (const [l, states] of this.#cells.states.entries()) {
        visit(runtime.view(dtype, (states[i] as number) + at, this.#count(row) * size) as FloatArray, i, l);
      }
    }
  }
}

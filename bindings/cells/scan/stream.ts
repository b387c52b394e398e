/** A layer of operators one step at a time, with the state kept. */
import { Buffers } from "../../buffers.js";
import { checkData, checkOptions, show } from "../../checks.js";
import { Owner } from "../../dispose.js";
import { ArgumentError } from "../../errors.js";
import { Frame } from "../../graph/frame.js";
import { LiveView } from "../../layers/live-view.js";
import { ROWS_AT_ONCE, RowMove, type Rowwise, rowsAtOnce, StreamRows } from "../../layers/stream-rows.js";
import { Lease } from "../../lease.js";
import { bytesPer, type FloatArray, Tensor, zerosOf } from "../../tensor.js";
import type { ScanLayerState, StreamedLayer } from "./cell.js";
import { type Stack, stepStack } from "./stack.js";

/** Made by `layer.stream()`. Follows changes of the layer's parameters. A row has the bits that it has in a stream alone. */
export class ScanLayerStream extends Owner implements Rowwise {
  readonly #layer: StreamedLayer;
  readonly #stack: Stack;
  readonly #frame: Frame;
  readonly #buffers: Buffers;
  readonly #rows: StreamRows;
  readonly #lease: Lease;
  readonly #input: LiveView;
  readonly #output: LiveView;
  /** Of all rows: x [N, I], y [N, H], and of each cell and state [N, H]. */
  readonly #x: number;
  readonly #y: number;
  readonly #states: number[] = [];
  readonly #moveX: RowMove;
  readonly #moveY: RowMove;
  /** @internal Addresses of the rows at work. */
  readonly workInput: number = 0;
  /** @internal */ readonly workOutput: number = 0;

  /** @internal Use `layer.stream()`. */
  constructor(layer: StreamedLayer, stack: Stack, N: number) {
    const { runtime, dtype, inputSize: I, hiddenSize: H } = layer;
    super("stream", layer.block);
    this.#layer = layer;
    this.#stack = stack;
    this.#frame = new Frame(runtime);
    this.#buffers = new Buffers(runtime.memory);
    this.#lease = new Lease("its end", this);
    const take = (name: string, elements: number) => this.#buffers.get(name, elements * bytesPer(dtype));
    try {
      this.#x = take("x", N * I);
      this.#y = take("y", N * H);
      for (let i = 0; i < stack.L * stack.states.length; i++) this.#states.push(take(`state ${i}`, N * H));
      if (N > 1) {
        this.workInput = take("x at work", rowsAtOnce(N) * I);
        this.workOutput = take("y at work", rowsAtOnce(N) * H);
      }
      this.#rows = new StreamRows(runtime, this.#buffers, N);
    } catch (error) {
      this.#buffers.dispose();
      this.#frame.dispose();
      throw error;
    }
    this.#input = new LiveView(runtime, dtype, this.#x, N * I, this);
    this.#output = new LiveView(runtime, dtype, this.#y, N * H, this);
    this.#moveX = new RowMove(runtime, dtype, this.#x, this.workInput, I);
    this.#moveY = new RowMove(runtime, dtype, this.#y, this.workOutput, H);
    this.watch(runtime.memory.orphans, [this.#buffers.blocks, ...this.adopt(this.#frame)]);
  }

  /** What the next step reads, [N, I] flat. Live: write into it. Read the property anew after anything that may allocate. */
  get input(): FloatArray {
    return this.#input.get();
  }

  /** What each row's last step gave, the top layer's h, [N, H] flat. Live: the next step overwrites it. */
  get output(): FloatArray {
    return this.#output.get();
  }

  /** How many rows are live: all, until some leave. */
  get live(): number {
    this.assertAlive();
    return this.#rows.live;
  }

  /**
   * One time step of all live rows, or of these alone. The others stay as they are.
   *
   * @param rows live rows, each once, in any order
   * @throws {ArgumentError} when they are not, or inside of a frame's run; then no row has gone a step @throws {ShapeError} when there are more than N
   * @throws {DisposedError} after `dispose()` of the stream, its layer or the runtime @throws {MemoryError}
   */
  step(rows?: ArrayLike<number>): void {
    this.assertAlive();
    const { N } = this.#rows;
    const count = this.#rows.ask(rows);
    this.assertAlive(); // reading them may have called anything
    if (this.#layer.runtime.scope)
      throw new ArgumentError("stream.step", "a call outside of frames (a step is a run of its own)", "a call inside of one");
    if (count === N && N <= ROWS_AT_ONCE) this.#run(0, N, this.#x, this.#y);
    else this.#rows.run(this, count);
  }

  /**
   * A free row becomes live, with the zero state or this one, and its input and output zero.
   *
   * @param state of one row, as `getState(row)` gives it
   * @returns the lowest free row: it is the newcomer's until it leaves
   * @throws {ArgumentError} when no row is free @throws {ShapeError} @throws {DisposedError}
   */
  join(state?: ScanLayerState): number {
    this.assertAlive();
    const row = this.#rows.free();
    const take = state === undefined ? undefined : this.accept(state, "state", row);
    this.#rows.checkStill(row, false);
    for (const view of [this.input, this.output]) {
      const width = view.length / this.#rows.N;
      view.fill(0, row * width, (row + 1) * width);
    }
    this.#each((view) => view.fill(0), row);
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

  /** Back to the zero state: all rows, or one. @throws {ArgumentError} unless it is a live row @throws {DisposedError} */
  reset(): void;
  reset(row: number): void;
  reset(...given: [row?: number]): void {
    this.#each((view) => view.fill(0), this.#rows.named(given));
  }

  /** A copy of the state, as the next step will find it. */
  get state(): Readonly<Record<string, FloatArray>> {
    return this.#copy();
  }

  /** Takes a copy: all of it, or where it does not fit nothing. @throws {ShapeError} @throws {ArgumentError} @throws {DisposedError} */
  set state(state: ScanLayerState) {
    this.accept(state, "state")();
  }

  /** A copy of one row's state: what a stream alone would have. @throws {ArgumentError} unless it is a live row @throws {DisposedError} */
  getState(row: number): Readonly<Record<string, FloatArray>> {
    return this.#copy(this.#rows.check(row));
  }

  /** Gives one row such a state, of this or of another stream. @throws {ShapeError} @throws {ArgumentError} @throws {DisposedError} */
  setState(row: number, state: ScanLayerState): void {
    const take = this.accept(state, "state", this.#rows.check(row));
    this.#rows.checkStill(row, true);
    take();
  }

  /** @internal Checks a state, of all rows or of one, and copies it; what is returned takes it, and does not fail. */
  accept(given: unknown, argument: string, row?: number): () => void {
    this.assertAlive();
    const { states, L } = this.#stack;
    if (typeof given !== "object" || given === null) throw new ArgumentError(argument, `{ ${states.join(", ")} }`, show(given));
    const state = checkOptions(given as ScanLayerState, states, argument);
    const size = this.#rowsSize(row);
    const parts = states.map((name) => Float64Array.from(checkData(`${argument}.${name}`, state[name], L * size)));
    return () => this.#each((view, s, l) => view.set((parts[s] as Float64Array).subarray(l * size, (l + 1) * size)), row);
  }

  /** @internal Row n of the state becomes what row rows[n] was; rows that are not named stay. */
  select(rows: readonly number[]): void {
    const H = this.#layer.hiddenSize;
    this.#each((view) => {
      const old = view.slice();
      for (const [n, row] of rows.entries()) view.set(old.subarray(row * H, (row + 1) * H), n * H);
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
    this.#run(table, count, this.workInput, this.workOutput);
  }

  /** @internal */
  scatterRows(table: number, count: number): void {
    this.#moveY.scatter(table, count);
  }

  /** @internal */
  protected override release(): void {
    this.#frame.dispose();
    this.#buffers.dispose();
    this.#lease.ended = true;
    this.#input.end();
    this.#output.end();
  }

  /** One step of the rows of a table, or where there is none (0) of all. States are written once all is computed: a step that fails leaves them. */
  #run(table: number, count: number, x: number, y: number): void {
    const { dtype, runtime, inputSize: I, hiddenSize: H } = this.#layer;
    const bytes = count * H * bytesPer(dtype);
    const move = (all: number, some: number) => new RowMove(runtime, dtype, all, some, H);
    this.#frame.run(() => {
      const { arena } = runtime.scope as NonNullable<typeof runtime.scope>;
      const before = this.#states.map((all) => {
        const some = arena.take(bytes);
        if (table) move(all, some).gather(table, count);
        else runtime.memory.copy(some, all, bytes);
        return new Tensor(runtime, some, [count, H], dtype, arena.lease);
      });
      const input = new Tensor(runtime, x, [count, I], dtype, this.#lease);
      const { output, state } = stepStack(this.#stack, input, before);
      const after = state.map((tensor) => tensor.pointer());
      for (const [i, all] of this.#states.entries()) {
        if (table) move(all, 0).scatter(table, count, after[i] as number);
        else runtime.memory.copy(all, after[i] as number, bytes);
      }
      runtime.memory.copy(y, output.pointer(), bytes);
    });
  }

  #rowsSize(row: number | undefined): number {
    return (row === undefined ? this.#rows.N : 1) * this.#layer.hiddenSize;
  }

  #copy(row?: number): Readonly<Record<string, FloatArray>> {
    const { states, L } = this.#stack;
    const size = this.#rowsSize(row);
    const parts = Object.fromEntries(states.map((name) => [name, zerosOf(this.#layer.dtype, L * size) as FloatArray]));
    this.#each((view, s, l) => (parts[states[s] as string] as FloatArray).set(view, l * size), row);
    return parts;
  }

  /** The states of all rows or of one, cell by cell. */
  #each(visit: (view: FloatArray, state: number, layer: number) => void, row?: number): void {
    this.assertAlive();
    const { runtime, dtype } = this.#layer;
    const { length: S } = this.#stack.states;
    const size = this.#rowsSize(row);
    const from = (row ?? 0) * size * bytesPer(dtype);
    for (const [i, ptr] of this.#states.entries()) visit(runtime.view(dtype, ptr + from, size) as FloatArray, i % S, Math.floor(i / S));
  }
}

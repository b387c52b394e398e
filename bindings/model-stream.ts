/** The streams of several layers, one after another. */
import { Buffers } from "./buffers.js";
import { show } from "./checks.js";
import { Owner } from "./dispose.js";
import { ArgumentError } from "./errors.js";
import { checkWidths, type RowwisePart, rowwise, type StreamPart, type StreamStateCopy } from "./layers/stream-parts.js";
import { ROWS_AT_ONCE, type Rowwise, StreamRows } from "./layers/stream-rows.js";
import type { Runtime } from "./runtime.js";
import type { FloatArray } from "./tensor.js";

/** Made by `model.stream()`. Follows changes of the parameters; a step allocates nothing. A row has the bits that it has in a stream alone. */
export class ModelStream extends Owner implements Rowwise {
  readonly #runtime: Runtime;
  readonly #parts: readonly StreamPart[];
  /** The same; none where all rows must go a step at once: a layer is streamed by code of one's own, or they differ in their types. */
  readonly #rowwise: readonly RowwisePart[];
  readonly #buffers: Buffers;
  readonly #rows: StreamRows;

  /** @internal Use `model.stream()`. @param N rows @throws {MemoryError} */
  constructor(runtime: Runtime, parts: readonly StreamPart[], N: number) {
    super("stream", runtime);
    this.#runtime = runtime;
    this.#parts = parts;
    checkWidths(parts, N);
    this.#rowwise = rowwise(parts);
    this.#buffers = new Buffers(runtime.memory);
    this.#rows = new StreamRows(runtime, this.#buffers, N);
    const held = parts.flatMap((part) => (part instanceof Owner ? this.adopt(part) : []));
    this.watch(runtime.memory.orphans, [...held, this.#buffers.blocks]);
  }

  /** What the next step reads: [N, I] flat, or N tokens. Live: write into it. */
  get input(): FloatArray | Int32Array {
    return (this.#parts[0] as StreamPart).input;
  }

  /** What each row's last step gave, [N, O] flat. Live: the next step overwrites it. */
  get output(): FloatArray {
    return (this.#parts[this.#parts.length - 1] as StreamPart).output;
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
   * @throws {ArgumentError} when they are not, or an input of theirs cannot be read; then no row has gone a step
   * @throws {ShapeError} when there are more than N @throws {DisposedError}
   */
  step(rows?: ArrayLike<number>): void {
    this.assertAlive();
    const { N } = this.#rows;
    const count = this.#rows.ask(rows);
    if (count < N) this.#needRowwise();
    this.assertAlive(); // reading them may have called anything
    if (count === N && (N <= ROWS_AT_ONCE || this.#rowwise.length === 0)) this.#stepAll();
    else this.#rows.run(this, count);
  }

  #stepAll(): void {
    const parts = this.#parts;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as StreamPart;
      if (i > 0) part.input.set((parts[i - 1] as StreamPart).output);
      part.step();
    }
  }

  /**
   * A free row becomes live, with the zero state or these states, and its input and output zero.
   *
   * @param states of one row, as `getState(row)` gives them
   * @returns the lowest free row: it is the newcomer's until it leaves
   * @throws {ArgumentError} when no row is free @throws {ShapeError} @throws {DisposedError}
   */
  join(states?: readonly StreamStateCopy[]): number {
    this.assertAlive();
    this.#needRowwise();
    const row = this.#rows.free();
    const take = states === undefined ? undefined : this.accept(states, "state", row);
    this.#rows.checkStill(row, false);
    for (const view of [this.input, this.output]) {
      const width = view.length / this.#rows.N;
      view.fill(0, row * width, (row + 1) * width);
    }
    for (const part of this.#parts) part.reset?.(row);
    take?.();
    this.#rows.join(row);
    return row;
  }

  /** A row becomes free, or all: no step computes it until another joins. @throws {ArgumentError} unless it is live @throws {DisposedError} */
  leave(): void;
  leave(row: number): void;
  leave(...given: [row?: number]): void {
    this.assertAlive();
    this.#needRowwise();
    this.#rows.leave(this.#rows.named(given));
  }

  /** Back to the zero state: all rows, or one. @throws {ArgumentError} unless it is a live row @throws {DisposedError} */
  reset(): void;
  reset(row: number): void;
  reset(...given: [row?: number]): void {
    this.assertAlive();
    const row = this.#rows.named(given);
    for (const part of this.#parts) {
      if (row === undefined) part.reset?.();
      else part.reset?.(row);
    }
  }

  /** Copies of the states of the recurrent layers, first to last. */
  get state(): StreamStateCopy[] {
    this.assertAlive();
    return this.#recurrent().map((part) => part.state as StreamStateCopy);
  }

  /** Takes such copies: all, or where one does not fit none. @throws {ShapeError} @throws {ArgumentError} @throws {DisposedError} */
  set state(states: readonly StreamStateCopy[]) {
    this.accept(states, "state")();
  }

  /** Copies of one row's states: what a stream alone would have. @throws {ArgumentError} unless it is a live row @throws {DisposedError} */
  getState(row: number): StreamStateCopy[] {
    this.assertAlive();
    this.#needRowwise();
    const checked = this.#rows.check(row);
    return this.#recurrent().map((part) => part.getState?.(checked) as StreamStateCopy);
  }

  /** Gives one row such states, of this or of another stream. @throws {ShapeError} @throws {ArgumentError} @throws {DisposedError} */
  setState(row: number, states: readonly StreamStateCopy[]): void {
    this.#needRowwise();
    const take = this.accept(states, "state", this.#rows.check(row));
    this.#rows.checkStill(row, true);
    take();
  }

  /** @internal Checks states, of all rows or of one, and copies them; what is returned takes them, and does not fail. */
  accept(states: unknown, argument: string, row?: number): () => void {
    this.assertAlive();
    const recurrent = this.#recurrent();
    if (!Array.isArray(states) || states.length !== recurrent.length)
      throw new ArgumentError(argument, `an array of ${recurrent.length}, one for each recurrent layer`, show(states));
    const takes = recurrent.map((part, i) => part.accept?.(states[i], `${argument}[${i}]`, row));
    return () => {
      for (const take of takes) take?.();
    };
  }

  /** @internal Row n of every state becomes what row rows[n] was; rows that are not named stay. */
  select(rows: readonly number[]): void {
    for (const part of this.#parts) part.select?.(rows);
  }

  /** @internal Whether it takes rows through a step apart from the others. */
  get isRowwise(): boolean {
    return this.#rowwise.length > 0;
  }

  /** @internal It, and the layers whose rows it takes through a step itself. */
  override assertAlive(): void {
    super.assertAlive();
    const parts = this.#rowwise;
    for (let i = 0; i < parts.length; i++) (parts[i] as RowwisePart).assertAlive();
  }

  /** @internal */
  checkRows(rows: Int32Array, count: number): void {
    this.#first.checkRows(rows, count);
  }

  /** @internal */
  gatherRows(table: number, count: number): void {
    this.#first.gatherRows(table, count);
  }

  /** @internal */
  stepRows(table: number, count: number): void {
    const parts = this.#rowwise;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as RowwisePart;
      if (i > 0) this.#hand(parts[i - 1] as RowwisePart, part, count);
      part.stepRows(table, count);
    }
  }

  /** @internal */
  scatterRows(table: number, count: number): void {
    this.#last.scatterRows(table, count);
  }

  /** @internal Addresses of the rows at work. */
  get workInput(): number {
    return this.#first.workInput;
  }

  /** @internal */
  get workOutput(): number {
    return this.#last.workOutput;
  }

  /** @internal */
  protected override release(): void {
    this.#buffers.dispose();
    endAll(this.#parts);
  }

  /** What one part gave becomes what the next reads, of the rows at work. */
  #hand(from: RowwisePart, to: RowwisePart, count: number): void {
    const bytes = (from.output.byteLength / this.#rows.N) * count;
    this.#runtime.memory.copy(to.workInput, from.workOutput, bytes);
  }

  get #first(): RowwisePart {
    return this.#rowwise[0] as RowwisePart;
  }

  get #last(): RowwisePart {
    return this.#rowwise[this.#rowwise.length - 1] as RowwisePart;
  }

  #recurrent(): StreamPart[] {
    return this.#parts.filter((part) => "state" in part);
  }

  #needRowwise(): void {
    if (this.#rowwise.length > 0) return;
    throw new ArgumentError("row", "none, not every layer of this model taking rows by themselves", "one");
  }
}

/** Each, though one of someone else's may throw. */
function endAll(parts: readonly StreamPart[]): void {
  const [first, ...others] = parts;
  try {
    first?.dispose();
  } finally {
    if (others.length > 0) endAll(others);
  }
}

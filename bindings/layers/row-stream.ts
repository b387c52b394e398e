/** A layer without state, one step at a time: buffers in place, no garbage. */
import { Buffers } from "../buffers.js";
import { Owner } from "../dispose.js";
import { bytesPer, type DType, type FloatArray } from "../tensor.js";
import type { Layer } from "./layer.js";
import { LiveView } from "./live-view.js";
import { RowMove, type Rowwise, rowsAtOnce, StreamRows } from "./stream-rows.js";

/** @internal What a layer does in a stream. */
export interface RowwiseLayer {
  /** Elements of a row of the input and of the output. */
  readonly inputSize: number;
  readonly outputSize: number;
  /** Element type of the input; that of the layer where it does not say. */
  readonly inputType?: DType;
  /** Bytes of scratch for a row. */
  readonly scratchBytes?: number;
  /** M rows, from address to address. */
  apply(x: number, y: number, scratch: number, M: number): void;
  /** Throws where it cannot read one of these rows. */
  check?(input: FloatArray | Int32Array, rows: Int32Array, count: number): void;
}

/** Made by `layer.stream()`. Follows changes of the layer's parameters. */
export class RowStream<Input = FloatArray> extends Owner implements Rowwise {
  readonly #what: RowwiseLayer;
  readonly #buffers: Buffers;
  readonly #rows: StreamRows;
  readonly #x: number;
  readonly #y: number;
  readonly #scratch: number;
  readonly #input: LiveView;
  readonly #output: LiveView;
  readonly #moveX: RowMove;
  readonly #moveY: RowMove;
  /** @internal Addresses of the rows at work. */
  readonly workInput: number = 0;
  /** @internal */
  readonly workOutput: number = 0;

  /** @internal Use `layer.stream()`. */
  constructor(layer: Layer, N: number, what: RowwiseLayer) {
    super("stream", layer.block);
    layer.block.assertAlive();
    const { runtime, dtype } = layer;
    const { inputSize: I, outputSize: O, inputType = dtype, scratchBytes = 0 } = what;
    this.#what = what;
    this.#buffers = new Buffers(runtime.memory);
    const take = (name: string, elements: number, type: DType) => this.#buffers.get(name, elements * bytesPer(type));
    try {
      this.#x = take("x", N * I, inputType);
      this.#y = take("y", N * O, dtype);
      this.#scratch = scratchBytes > 0 ? this.#buffers.get("scratch", N * scratchBytes) : 0;
      if (N > 1) {
        this.workInput = take("x at work", rowsAtOnce(N) * I, inputType);
        this.workOutput = take("y at work", rowsAtOnce(N) * O, dtype);
      }
      this.#rows = new StreamRows(runtime, this.#buffers, N);
    } catch (error) {
      this.#buffers.dispose();
      throw error;
    }
    this.#input = new LiveView(runtime, inputType, this.#x, N * I, this);
    this.#output = new LiveView(runtime, dtype, this.#y, N * O, this);
    this.#moveX = new RowMove(runtime, inputType, this.#x, this.workInput, I);
    this.#moveY = new RowMove(runtime, dtype, this.#y, this.workOutput, O);
    this.watch(runtime.memory.orphans, [this.#buffers.blocks]);
  }

  /** What the next step reads. Live: write into it. Read the property anew after anything that may allocate. */
  get input(): Input {
    return this.#input.get() as Input;
  }

  /** What each row's last step gave. Live: the next step overwrites it. */
  get output(): FloatArray {
    return this.#output.get();
  }

  /**
   * One step of all rows, or of these alone, at a cost that goes with their number.
   *
   * @param rows each once, in any order @throws {ArgumentError} when they are not @throws {ShapeError} when there are more than N
   * @throws {DisposedError} after `dispose()` of the stream, its layer or the runtime
   */
  step(rows?: ArrayLike<number>): void {
    this.assertAlive();
    const { N } = this.#rows;
    const count = rows === undefined ? N : this.#rows.ask(rows);
    this.assertAlive(); // reading them may have called anything
    if (count === N) this.#what.apply(this.#x, this.#y, this.#scratch, N);
    else this.#rows.run(this, count);
  }

  /** @internal */
  checkRows(rows: Int32Array, count: number): void {
    this.#what.check?.(this.#input.get(), rows, count);
  }

  /** @internal */
  gatherRows(table: number, count: number): void {
    this.#moveX.gather(table, count);
  }

  /** @internal */
  stepRows(_table: number, count: number): void {
    this.#what.apply(this.workInput, this.workOutput, this.#scratch, count);
  }

  /** @internal */
  scatterRows(table: number, count: number): void {
    this.#moveY.scatter(table, count);
  }

  /** @internal */
  protected override release(): void {
    this.#buffers.dispose();
    this.#input.end();
    this.#output.end();
  }
}

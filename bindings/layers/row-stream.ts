/** A layer without state, one step at a time: buffers in place, no garbage. */
import { Owner } from "../dispose.js";
import { bytesPer, type DType, type FloatArray } from "../tensor.js";
import type { Layer } from "./layer.js";
import { LiveView } from "./live-view.js";

/** Made by `layer.stream()`. Follows changes of the layer's parameters. */
export class RowStream<Input = FloatArray> extends Owner {
  readonly #layer: Layer;
  readonly #x: number;
  readonly #y: number;
  readonly #input: LiveView;
  readonly #output: LiveView;
  readonly #scratch: number;
  readonly #apply: (x: number, y: number, scratch: number) => void;

  /** @internal Use `layer.stream()`. */
  constructor(
    layer: Layer,
    input: { dtype: DType; size: number },
    outputSize: number,
    apply: (x: number, y: number, scratch: number) => void,
    scratchBytes = 0,
  ) {
    super("stream", layer.block);
    layer.block.assertAlive();
    const { memory } = layer.runtime;
    const inputBytes = Math.ceil((input.size * bytesPer(input.dtype)) / 64) * 64;
    this.#layer = layer;
    const outputBytes = Math.ceil((outputSize * bytesPer(layer.dtype)) / 64) * 64;
    this.#x = memory.allocate(inputBytes + outputBytes + scratchBytes);
    this.#y = this.#x + inputBytes;
    this.#scratch = this.#y + outputBytes;
    this.#input = new LiveView(layer.runtime, input.dtype, this.#x, input.size);
    this.#output = new LiveView(layer.runtime, layer.dtype, this.#y, outputSize);
    this.#apply = apply;
  }

  /** What the next step reads. Live: write into it. Read the property anew after anything that may allocate. */
  get input(): Input {
    return this.#input.get() as Input;
  }

  /** What the last step gave. Live: the next step overwrites it. */
  get output(): FloatArray {
    return this.#output.get();
  }

  /** One step. @throws {DisposedError} after `dispose()` of the stream, its layer or the runtime */
  step(): void {
    this.assertAlive();
    this.#apply(this.#x, this.#y, this.#scratch);
  }

  /** @internal */
  protected override release(): void {
    this.#layer.runtime.memory.free(this.#x);
    this.#input.end();
    this.#output.end();
  }
}

/** A typed array over linear memory that is made again only when memory has grown: no garbage, never stale. */
import { DisposedError } from "../errors.js";
import type { Runtime } from "../runtime.js";
import type { DType, FloatArray, TypedArray } from "../tensor.js";

export class LiveView {
  #view: TypedArray | null = null;
  #ended = false;

  constructor(
    private readonly runtime: Runtime,
    private readonly dtype: DType,
    private readonly ptr: number,
    private readonly length: number,
  ) {}

  /** @throws {DisposedError} */
  get(): FloatArray {
    if (this.#ended || this.runtime.disposed) throw new DisposedError("stream");
    if (this.#view?.buffer !== this.runtime.memory.memory.buffer) this.#view = this.runtime.view(this.dtype, this.ptr, this.length);
    return this.#view as FloatArray;
  }

  end(): void {
    this.#ended = true;
    this.#view = null;
  }
}

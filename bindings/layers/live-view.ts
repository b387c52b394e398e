/** A typed array over linear memory that is made again only when memory has grown: no garbage, never stale. */
import { DisposedError } from "../errors.js";
import type { Runtime } from "../runtime.js";
import type { DType, FloatArray } from "../tensor.js";

export class LiveView {
  #ended = false;

  constructor(
    private readonly runtime: Runtime,
    private readonly dtype: DType,
    private readonly ptr: number,
    private readonly length: number,
    /** Who lives as long as the view. */
    private readonly owner: object,
  ) {}

  /** @throws {DisposedError} */
  get(): FloatArray {
    if (this.#ended || this.runtime.disposed) throw new DisposedError("stream");
    const { memory } = this.runtime;
    let view = memory.orphans.view(this);
    if (view?.buffer !== memory.memory.buffer) {
      view = this.runtime.view(this.dtype, this.ptr, this.length);
      memory.orphans.keep(this, view, this.owner);
    }
    return view as FloatArray;
  }

  end(): void {
    this.#ended = true;
    this.runtime.memory.orphans.drop(this);
  }
}

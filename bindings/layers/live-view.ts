/** A typed array over linear memory that is made again only when memory has grown: no garbage, never stale. */
import { DisposedError } from "../errors.js";
import type { Viewer } from "../orphans.js";
import type { Runtime } from "../runtime.js";
import type { DType, FloatArray } from "../tensor.js";

export class LiveView implements Viewer {
  #view: FloatArray | undefined;
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
    if (this.#view?.buffer !== memory.memory.buffer) {
      const view = this.runtime.view(this.dtype, this.ptr, this.length) as FloatArray;
      memory.orphans.keepInField(this, view, this.owner, this.#view === undefined);
      this.#view = view;
    }
    return this.#view as FloatArray;
  }

  end(): void {
    this.#ended = true;
    this.dropView();
  }

  dropView(): void {
    this.#view = undefined;
  }
}

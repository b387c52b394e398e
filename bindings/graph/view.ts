/** A tensor in the memory of another. */
import type { Lease } from "../lease.js";
import { Tensor, type TypedArray } from "../tensor.js";

/** @internal The result of an operator that moves nothing, as a reshape: what is written to one is written to both. */
export class ViewTensor extends Tensor {
  readonly #base: Tensor;

  /** @param offset bytes */
  constructor(base: Tensor, offset: number, shape: readonly number[], lease: Lease, batchFirst?: boolean) {
    super(base.home, base.pointer() + offset, shape, base.dtype, lease, batchFirst);
    this.#base = base;
  }

  override pointer(name?: string): number {
    this.#base.pointer(name);
    return super.pointer(name);
  }

  override version(name?: string): number {
    super.pointer(name);
    return this.#base.version(name);
  }

  override get data(): TypedArray {
    void this.#base.data; // from now on its contents are compared
    return super.data;
  }

  override written(): void {
    this.#base.written();
  }

  override set(data: ArrayLike<number>): this {
    super.set(data);
    this.#base.written();
    return this;
  }
}

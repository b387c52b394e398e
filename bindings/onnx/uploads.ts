/** Constants in memory: each once for all plans of a session, and only where a kernel reads it. */
import type { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";
import type { Constant } from "./constant.js";
import { dtypeOf } from "./element-types.js";

const [LEAST, MOST] = [-(2 ** 31), 2 ** 31 - 1];

export class Uploads {
  readonly #runtime: Runtime;
  readonly #tensors = new Map<Constant["data"], Map<string, Tensor>>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** @throws {MemoryError} */
  of({ type, shape, data }: Constant): Tensor {
    const key = `${type} ${shape}`;
    const byShape = this.#tensors.get(data) ?? new Map<string, Tensor>();
    this.#tensors.set(data, byShape);
    const found = byShape.get(key);
    if (found) return found;
    const dtype = dtypeOf(type);
    const numbers = dtype === "i32" ? Int32Array.from(data, saturated) : data;
    const tensor = this.#runtime.tensor(numbers, shape.length === 0 ? [1] : shape, { dtype });
    byShape.set(key, tensor);
    return tensor;
  }

  dispose(): void {
    for (const byShape of this.#tensors.values()) for (const tensor of byShape.values()) tensor.dispose();
    this.#tensors.clear();
  }
}

/** "To the end", as an index beyond all, stays beyond all. */
export function saturated(value: number): number {
  return Math.min(Math.max(value, LEAST), MOST);
}

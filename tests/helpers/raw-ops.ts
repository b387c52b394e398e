import { readFileSync } from "node:fs";
import type { Product } from "../../bindings/ops/strides.js";
import { BUILD } from "./raw.js";

export type Float = "f32" | "f64";

/** The operators' binary alone over a fresh memory, with a stack of arrays. */
export class RawOps {
  readonly exports: Record<string, (...args: number[]) => number>;
  readonly memory = new WebAssembly.Memory({ initial: 1024 });
  #top: number;

  constructor(readonly dtype: Float) {
    const name = BUILD === "debug" ? "debug" : `${BUILD}-ops`;
    const module = new WebAssembly.Module(readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url)));
    const abort = () => {
      throw new Error("assert failed");
    };
    this.exports = new WebAssembly.Instance(module, { env: { memory: this.memory, abort } }).exports as unknown as RawOps["exports"];
    this.#top = Math.ceil((this.exports.heap_base?.() as number) / 64) * 64;
  }

  take(bytes: number): number {
    const ptr = this.#top;
    this.#top = Math.ceil((ptr + bytes) / 64) * 64;
    return ptr;
  }

  put(data: ArrayLike<number>): number {
    const ptr = this.take(8 * data.length);
    this.view(ptr, data.length).set(data);
    return ptr;
  }

  integers(data: readonly number[]): number {
    const ptr = this.take(4 * Math.max(data.length, 1));
    new Int32Array(this.memory.buffer, ptr, data.length).set(data);
    return ptr;
  }

  view(ptr: number, n: number): Float32Array | Float64Array {
    const Typed = this.dtype === "f32" ? Float32Array : Float64Array;
    return new Typed(this.memory.buffer, ptr, n);
  }

  call(name: string, ...args: number[]): number {
    return (this.exports[`op_${name}_${this.dtype}`] as (...args: number[]) => number)(...args);
  }

  matmul(c: number, a: number, b: number, { M, K, N, kind, axes, summed }: Product, adds = 0): void {
    const size = this.call("matmul_scratch", M, K, N, kind, summed);
    const scratch = this.put(new Float64Array(size).fill(Number.NaN));
    this.call("matmul", c, a, b, scratch, this.integers(axes.flat()), axes.length, summed, M, K, N, kind, adds);
  }
}

import { readFileSync } from "node:fs";

/** The build under test: WASM_RNN_BUILD, or baseline. */
export const BUILD = process.env.WASM_RNN_BUILD ?? "baseline";

export type Raw = { exports: Record<string, (...args: number[]) => number>; memory: WebAssembly.Memory; base: number };

/** The bare binary over a fresh memory, without the binding: kernels under test take pointers from `base` on. */
export function instantiateRaw(pages = 64, build = BUILD): Raw {
  const module = new WebAssembly.Module(readFileSync(new URL(`../../build/${build}.wasm`, import.meta.url)));
  const memory = new WebAssembly.Memory({ initial: pages });
  const abort = (_message: number, _file: number, line: number, column: number) => {
    throw new Error(`assert failed at ${line}:${column}`);
  };
  const instance = new WebAssembly.Instance(module, { env: { memory, abort } });
  const exports = instance.exports as unknown as Raw["exports"];
  const heap = exports.heap_base?.() as number;
  return { exports, memory, base: Math.ceil(heap / 64) * 64 };
}

import { readFileSync } from "node:fs";
import { instantiateSync } from "@assemblyscript/loader";

/** The build under test: WASM_RNN_BUILD, or baseline. */
export const BUILD = process.env.WASM_RNN_BUILD ?? "baseline";

export type Raw = { exports: Record<string, (...args: number[]) => number>; memory: WebAssembly.Memory; base: number };

/** The bare binary over a fresh memory, without the binding: kernels under test take pointers from `base` on. */
export function instantiateRaw(pages = 64, build = BUILD): Raw {
  const binary = readFileSync(new URL(`../../build/${build}.wasm`, import.meta.url));
  const memory = new WebAssembly.Memory({ initial: pages });
  const abort = (_message: number, _file: number, line: number, column: number) => {
    throw new Error(`assert failed at ${line}:${column}`);
  };
  const { exports } = instantiateSync<Raw["exports"]>(binary, { env: { memory, abort } });
  const heap = exports.heap_base?.() as number;
  return { exports, memory, base: Math.ceil(heap / 64) * 64 };
}

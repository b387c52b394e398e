/** A bare binary over a memory of its own, without the bindings: what the kernel cases call. */

export interface Raw {
  readonly exports: Record<string, (...args: number[]) => number>;
  readonly memory: WebAssembly.Memory;
  /** First byte that is free. */
  readonly base: number;
}

export function instantiate(binary: Uint8Array, pages: number): Raw {
  const memory = new WebAssembly.Memory({ initial: pages });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(binary as BufferSource), { env: { memory } });
  const exports = instance.exports as unknown as Raw["exports"];
  return { exports, memory, base: Math.ceil((exports.heap_base?.() as number) / 64) * 64 };
}

/** Ends the ids of f64 cases. */
export const suffix = (dtype: "f32" | "f64") => (dtype === "f64" ? "-f64" : "");

/** exp, sigmoid, tanh, log over an array that lies in L1. */
import { assertClose, type Case, numbers } from "../harness.js";
import { instantiate, suffix } from "../raw.js";

const FUNCTIONS = { exp: Math.exp, sigmoid: (x: number) => 1 / (1 + Math.exp(-x)), tanh: Math.tanh, log: Math.log };
const N = 2048;

/** @param operators their binary, where all but the sigmoid are */
export function activationCases(build: string, core: Uint8Array, operators: Uint8Array): Case[] {
  return (["f32", "f64"] as const).flatMap((dtype) =>
    Object.keys(FUNCTIONS).map((name) =>
      activationCase(build, name === "sigmoid" ? core : operators, dtype, name as keyof typeof FUNCTIONS),
    ),
  );
}

function activationCase(build: string, binary: Uint8Array, dtype: "f32" | "f64", name: keyof typeof FUNCTIONS): Case {
  const { exports, memory, base } = instantiate(binary, 4);
  const Typed = dtype === "f32" ? Float32Array : Float64Array;
  const x = new Typed(memory.buffer, base, N);
  const y = new Typed(memory.buffer, base + N * 8, N);
  x.set(name === "log" ? numbers(N, 2).map(Math.abs) : numbers(N, 10));
  const kernel = exports[name === "sigmoid" ? `${name}_${dtype}` : `op_${name}_${dtype}`] as (...args: number[]) => number;
  return {
    id: `${name}/${N}${suffix(dtype)}`,
    contender: `wasm-rnn/${build}`,
    flops: 0,
    elements: N,
    run: () => void kernel(y.byteOffset, x.byteOffset, N),
    validate() {
      this.run();
      assertClose(this.id, y, Array.from(x, FUNCTIONS[name]), dtype === "f32" ? 1e-6 : 1e-15);
    },
  };
}

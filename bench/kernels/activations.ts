/** exp, sigmoid, tanh, log over an array that lies in L1. */
import { instantiateRaw } from "../../tests/helpers/raw.js";
import { assertClose, type Case, numbers } from "../harness.js";

const FUNCTIONS = { exp: Math.exp, sigmoid: (x: number) => 1 / (1 + Math.exp(-x)), tanh: Math.tanh, log: Math.log };
const N = 2048;

export function activationCases(build: string): Case[] {
  return (["f32", "f64"] as const).flatMap((dtype) =>
    Object.keys(FUNCTIONS).map((name) => activationCase(build, dtype, name as keyof typeof FUNCTIONS)),
  );
}

function activationCase(build: string, dtype: "f32" | "f64", name: keyof typeof FUNCTIONS): Case {
  const { exports, memory, base } = instantiateRaw(4, build);
  const Typed = dtype === "f32" ? Float32Array : Float64Array;
  const x = new Typed(memory.buffer, base, N);
  const y = new Typed(memory.buffer, base + N * 8, N);
  x.set(name === "log" ? numbers(N, 2).map(Math.abs) : numbers(N, 10));
  const kernel = exports[`${name}_${dtype}`] as (...args: number[]) => number;
  return {
    id: `${name}/${N}`,
    contender: `${build} ${dtype}`,
    flops: 0,
    elements: N,
    run: () => void kernel(y.byteOffset, x.byteOffset, N),
    validate() {
      this.run();
      assertClose(this.id, y, Array.from(x, FUNCTIONS[name]), dtype === "f32" ? 1e-6 : 1e-15);
    },
  };
}

/**
 * What the machine can do in WebAssembly, measured in the same run as the kernels: a register-only loop of multiply-adds
 * (mul and add, or relaxed madd), and loops that load from arrays of L1, L2 and L3 size. Each gives a result that only the
 * whole work can give, which is checked, so the optimiser has left nothing out.
 */
import binaryen from "binaryen";
import type { Case } from "../harness.js";
import { suffix } from "../raw.js";

/** Independent chains: a product and a sum in turn take 6 cycles, two of each start a cycle; with two more they fit 16 registers. */
const CHAINS = 13;
const STEPS = 20_000;
/** Bytes that lie in L1, L2 and L3 of today's machines. */
const SIZES = { L1: 16 * 1024, L2: 512 * 1024, L3: 8 * 1024 * 1024 };

export function rooflineCases(build: string): Case[] {
  return [
    ...(["f32", "f64"] as const).map((dtype) => flopsCase(build, dtype)),
    ...Object.entries(SIZES).map(([level, bytes]) => loadCase(build, level, bytes)),
  ];
}

function compile(text: string): Record<string, (...args: number[]) => number> {
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.All);
  if (!module.validate()) throw new Error("roofline: the loop does not validate");
  const bytes = module.emitBinary(); // as written: binaryen does not optimise it
  module.dispose();
  return new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), { env: {} }).exports as never;
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const lines = (n: number, line: (i: number) => string) => range(n).map(line).join("\n");

/** acc ← acc·1 + 1 in every chain: after STEPS steps from 0 each lane holds STEPS. */
function flopsCase(build: string, dtype: "f32" | "f64"): Case {
  const shape = dtype === "f32" ? "f32x4" : "f64x2";
  const lanes = dtype === "f32" ? 4 : 2;
  const step = (i: number) => {
    const acc = `(local.get $a${i})`;
    const fused = `(${shape}.relaxed_madd ${acc} (local.get $one) (local.get $one))`;
    const apart = `(${shape}.add (${shape}.mul ${acc} (local.get $one)) (local.get $one))`;
    return `(local.set $a${i} ${build === "relaxed" ? fused : apart})`;
  };
  const sum = range(CHAINS).reduce((text, i) => (text ? `(${shape}.add ${text} (local.get $a${i}))` : `(local.get $a${i})`), "");
  const { run } = compile(`(module (func (export "run") (param $n i32) (param $x ${dtype}) (result ${dtype})
    ${lines(CHAINS, (i) => `(local $a${i} v128)`)} (local $one v128)
    (local.set $one (${shape}.splat (local.get $x)))
    (loop $l ${lines(CHAINS, step)} (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (${shape}.extract_lane 0 ${sum})))`) as { run: (n: number, one: number) => number };
  return {
    id: `roofline/flops${suffix(dtype)}`,
    contender: `wasm-rnn/${build}`,
    flops: 2 * lanes * CHAINS * STEPS,
    run: () => void run(STEPS, 1),
    validate() {
      if (run(STEPS, 1) !== CHAINS * STEPS) throw new Error(`${this.id}: ${run(STEPS, 1)} for ${CHAINS * STEPS}`);
    },
  };
}

/** Sums the integers of an array, eight vectors a turn. */
function loadCase(build: string, level: string, bytes: number): Case {
  const pages = Math.ceil(bytes / 65536);
  const { run, memory } =
    compile(`(module (memory (export "memory") ${pages}) (func (export "run") (param $p i32) (param $end i32) (result i32)
    ${lines(8, (i) => `(local $a${i} v128)`)}
    (loop $l
      ${lines(8, (i) => `(local.set $a${i} (i32x4.add (local.get $a${i}) (v128.load offset=${16 * i} (local.get $p))))`)}
      (br_if $l (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 128))) (local.get $end))))
    (i32x4.extract_lane 0 ${range(8).reduce((text, i) => (text ? `(i32x4.add ${text} (local.get $a${i}))` : `(local.get $a${i})`), "")})))`) as unknown as {
      run: (begin: number, end: number) => number;
      memory: WebAssembly.Memory;
    };
  new Int32Array(memory.buffer).fill(1);
  return {
    id: `roofline/load-${level}`,
    contender: `wasm-rnn/${build}`,
    flops: 0,
    bytes,
    run: () => void run(0, bytes),
    validate() {
      if (run(0, bytes) !== bytes / 16) throw new Error(`${this.id}: ${run(0, bytes)} for ${bytes / 16}`);
    },
  };
}

/**
 * What the machine can do in WebAssembly, measured in the same run as the kernels: a register-only loop of multiply-adds
 * (mul and add, or relaxed madd), and loops that load from arrays of L1, L2 and L3 size. Each gives a result that only the
 * whole work can give, which is checked, so the optimiser has left nothing out.
 */
import type { Case } from "../harness.js";
import { suffix } from "../raw.js";

/** Independent chains: a product and a sum in turn take 6 cycles, two of each start a cycle; with two more they fit 16 registers. */
const CHAINS = 13;
const STEPS = 20_000;
/** Bytes that lie in L1, L2 and L3 of today's machines. */
const SIZES = { L1: 16 * 1024, L2: 512 * 1024, L3: 8 * 1024 * 1024 };

/** Names of the loops. */
export const LOOPS = ["flops", "flops-f64", "load-L1", "load-L2", "load-L3"] as const;
export type Loop = (typeof LOOPS)[number];

/** A loop in WebAssembly's text form; to be assembled as it stands. */
export function loopText(build: string, loop: Loop): string {
  if (loop === "flops") return flopsText(build, "f32");
  if (loop === "flops-f64") return flopsText(build, "f64");
  return loadText(bytesOf(loop));
}

/** @param binary loopText, assembled */
export function rooflineCase(build: string, loop: Loop, binary: Uint8Array): Case {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary as BufferSource), {});
  if (loop === "flops") return flopsCase(build, "f32", exports);
  if (loop === "flops-f64") return flopsCase(build, "f64", exports);
  return loadCase(build, loop, exports);
}

function bytesOf(loop: Loop): number {
  return SIZES[loop.slice(5) as keyof typeof SIZES];
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const lines = (n: number, line: (i: number) => string) => range(n).map(line).join("\n");

/** acc ← acc·1 + 1 in every chain: after n steps from 0 each lane holds n. */
function flopsText(build: string, dtype: "f32" | "f64"): string {
  const shape = dtype === "f32" ? "f32x4" : "f64x2";
  const step = (i: number) => {
    const acc = `(local.get $a${i})`;
    const fused = `(${shape}.relaxed_madd ${acc} (local.get $one) (local.get $one))`;
    const apart = `(${shape}.add (${shape}.mul ${acc} (local.get $one)) (local.get $one))`;
    return `(local.set $a${i} ${build === "relaxed" ? fused : apart})`;
  };
  const sum = range(CHAINS).reduce((text, i) => (text ? `(${shape}.add ${text} (local.get $a${i}))` : `(local.get $a${i})`), "");
  return `(module (func (export "run") (param $n i32) (param $x ${dtype}) (result ${dtype})
    ${lines(CHAINS, (i) => `(local $a${i} v128)`)} (local $one v128)
    (local.set $one (${shape}.splat (local.get $x)))
    (loop $l ${lines(CHAINS, step)} (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (${shape}.extract_lane 0 ${sum})))`;
}

function flopsCase(build: string, dtype: "f32" | "f64", exports: WebAssembly.Exports): Case {
  const run = exports.run as (n: number, one: number) => number;
  return {
    id: `roofline/flops${suffix(dtype)}`,
    contender: `wasm-rnn/${build}`,
    flops: 2 * (dtype === "f32" ? 4 : 2) * CHAINS * STEPS,
    run: () => void run(STEPS, 1),
    validate() {
      if (run(STEPS, 1) !== CHAINS * STEPS) throw new Error(`${this.id}: ${run(STEPS, 1)} for ${CHAINS * STEPS}`);
    },
  };
}

/** Sums the integers of an array, eight vectors a turn. */
function loadText(bytes: number): string {
  return `(module (memory (export "memory") ${Math.ceil(bytes / 65536)}) (func (export "run") (param $p i32) (param $end i32) (result i32)
    ${lines(8, (i) => `(local $a${i} v128)`)}
    (loop $l
      ${lines(8, (i) => `(local.set $a${i} (i32x4.add (local.get $a${i}) (v128.load offset=${16 * i} (local.get $p))))`)}
      (br_if $l (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 128))) (local.get $end))))
    (i32x4.extract_lane 0 ${range(8).reduce((text, i) => (text ? `(i32x4.add ${text} (local.get $a${i}))` : `(local.get $a${i})`), "")})))`;
}

function loadCase(build: string, loop: Loop, exports: WebAssembly.Exports): Case {
  const run = exports.run as (begin: number, end: number) => number;
  const bytes = bytesOf(loop);
  new Int32Array((exports.memory as WebAssembly.Memory).buffer).fill(1);
  return {
    id: `roofline/${loop}`,
    contender: `wasm-rnn/${build}`,
    flops: 0,
    bytes,
    run: () => void run(0, bytes),
    validate() {
      if (run(0, bytes) !== bytes / 16) throw new Error(`${this.id}: ${run(0, bytes)} for ${bytes / 16}`);
    },
  };
}

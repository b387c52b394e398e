/**
 * Products, movement and gathering beside what bounds them: matmul beside the core's product with B packed before, movement beside
 * memory.copy of as many bytes, in L1 and in L3.
 */
import { matmul } from "../../tests/reference/gemm.js";
import { assertClose, type Case, numbers } from "../harness.js";
import { instantiate, type Raw } from "../raw.js";

const PRODUCTS = [
  [32, 128, 512],
  [64, 256, 1024],
  [1600, 64, 64],
] as const;

/** By name: sizes with strides in dst and in src, outermost first, as assembly/ops/move.ts takes them; one element of src for each of dst. */
const MOVES: Record<string, readonly (readonly [number, number, number])[]> = {
  "permute/64x64": [
    [64, 64, 1],
    [64, 1, 64],
  ],
  "permute/1000x1000": [
    [1000, 1000, 1],
    [1000, 1, 1000],
  ],
  "permute/1024x1024": [
    [1024, 1024, 1],
    [1024, 1, 1024],
  ],
  "permute/heads-8x8x32": [
    [8, 256, 32],
    [8, 32, 256],
    [32, 1, 1],
  ],
  "permute/heads-200x64x8x32": [
    [512, 6400, 32],
    [200, 32, 16384],
    [32, 1, 1],
  ],
  "flip/64x64": [
    [64, 64, 64],
    [64, 1, -1],
  ],
  "flip/1000x1000": [
    [1000, 1000, 1000],
    [1000, 1, -1],
  ],
  "slice/64x60": [
    [64, 60, 64],
    [60, 1, 1],
  ],
  "slice/1000x900": [
    [1000, 900, 1000],
    [900, 1, 1],
  ],
  "add-slice/64x60": [
    [64, 64, 60],
    [60, 1, 1],
  ],
  "add-slice/1000x900": [
    [1000, 1000, 900],
    [900, 1, 1],
  ],
};

/** @param core, operators the two binaries of a build */
export function shapeCases(build: string, core: Uint8Array, operators: Uint8Array): Case[] {
  return [
    ...PRODUCTS.flatMap(([M, K, N]) => productCases(build, core, operators, M, K, N)),
    ...Object.entries(MOVES).flatMap(([name, axes]) => moveCases(build, operators, name, axes)),
    gatherCase(build, operators),
  ];
}

const floats = ({ memory }: Raw, ptr: number, n: number) => new Float32Array(memory.buffer, ptr, n);
const call = ({ exports }: Raw, name: string) => exports[name] as (...args: number[]) => number;

function integers({ memory }: Raw, ptr: number, values: readonly number[]): number {
  new Int32Array(memory.buffer, ptr, values.length).set(values);
  return ptr;
}

function productCases(build: string, core: Uint8Array, operators: Uint8Array, M: number, K: number, N: number): Case[] {
  return [core, operators].map((binary) => {
    const raw = instantiate(binary, 256);
    const [a, b] = [raw.base, raw.base + 4 * M * K];
    const c = b + 4 * K * N;
    const scratch = c + 4 * M * N;
    const [A, B] = [floats(raw, a, M * K), floats(raw, b, K * N)];
    A.set(numbers(M * K));
    B.set(numbers(K * N));
    const isCore = binary === core;
    if (isCore) call(raw, "pack_backward_f32")(scratch, b, 1, K, N, 1);
    const product = call(raw, isCore ? "gemm_f32" : "op_matmul_f32");
    return {
      id: `matmul/M${M}-K${K}-N${N}`,
      contender: isCore ? `gemm, packed/${build}` : `wasm-rnn/${build}`,
      flops: 2 * M * K * N,
      run: isCore
        ? () => void product(c, 4 * N, a, 4 * K, scratch, 32 * K, 0, 0, M, K, N)
        : () => void product(c, a, b, scratch, 0, 0, 0, M, K, N, 0, 0),
      validate() {
        this.run();
        assertClose(this.id, floats(raw, c, M * N), matmul(A, [M, K], B, [K, N]), 1e-5);
      },
    };
  });
}

function moveCases(build: string, operators: Uint8Array, name: string, axes: readonly (readonly [number, number, number])[]): Case[] {
  const raw = instantiate(operators, 512);
  const size = axes.reduce((product, [n]) => product * n, 1);
  const extent = (which: 1 | 2) => axes.reduce((sum, axis) => sum + (axis[0] - 1) * Math.abs(axis[which]), 1);
  const back = axes.reduce((sum, [n, , stride]) => sum + (n - 1) * Math.max(0, -stride), 0);
  const plan = integers(raw, raw.base, axes.flat());
  const dst = raw.base + 1024;
  const src = dst + 4 * (extent(1) + 16);
  const adds = name.startsWith("add") ? 1 : 0;
  const move = call(raw, "op_move_f32");
  const places = (which: 1 | 2, i: number) => {
    let [place, left] = [0, i];
    for (const axis of [...axes].reverse()) {
      place += (left % axis[0]) * axis[which];
      left = Math.floor(left / axis[0]);
    }
    return place;
  };
  const common = { id: name, flops: 0, bytes: 4 * size * (2 + adds) };
  return [
    {
      ...common,
      contender: `wasm-rnn/${build}`,
      run: () => void move(dst, src + 4 * back, plan, axes.length, adds),
      validate() {
        const [to, from] = [floats(raw, dst, extent(1)), floats(raw, src, extent(2))];
        to.fill(0);
        from.set(numbers(from.length));
        this.run();
        const each = Array.from({ length: size }, (_, i) => i);
        const want = each.map((i) => from[back + places(2, i)] as number);
        assertClose(
          name,
          each.map((i) => to[places(1, i)] as number),
          want,
          0,
        );
      },
    },
    {
      ...common,
      contender: `memory.copy/${build}`,
      run: () => void new Uint8Array(raw.memory.buffer).copyWithin(dst, src, src + 4 * size),
      validate() {},
    },
  ];
}

/** [256,64] of a table of [1000,64], along axis 0. */
function gatherCase(build: string, operators: Uint8Array): Case {
  const raw = instantiate(operators, 64);
  const plan = integers(raw, raw.base, [256, 0, 64, 64, 64, 1, 1, 1]);
  const picks = Array.from({ length: 256 * 64 }, (_, i) => (i * 7919) % 1000);
  const index = integers(raw, raw.base + 64, picks);
  const x = index + 4 * picks.length;
  const y = x + 4 * 64_000;
  floats(raw, x, 64_000).set(numbers(64_000));
  const gather = call(raw, "op_gather_f32");
  return {
    id: "gather/256x64",
    contender: `wasm-rnn/${build}`,
    flops: 0,
    elements: picks.length,
    run: () => void gather(y, x, index, plan, 2, 64, 0),
    validate() {
      this.run();
      const table = floats(raw, x, 64_000);
      assertClose(
        this.id,
        floats(raw, y, picks.length),
        picks.map((row, i) => table[row * 64 + (i % 64)] as number),
        0,
      );
    },
  };
}

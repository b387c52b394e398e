/**
 * What passes over an array once or twice, of f32: dropout, pools over time, softmax, LayerNorm, Adam, binary cross-entropy. The bytes are what one
 * call reads and writes at least, to be held against the roofline's loads; the rest of the time is arithmetic.
 */
import { dropoutFactors } from "../../tests/reference/dropout.js";
import { softmaxRows } from "../../tests/reference/heads.js";
import { binary } from "../../tests/reference/losses.js";
import { assertClose, type Case, numbers } from "../harness.js";
import { instantiate } from "../raw.js";

/** One kernel on its arrays. */
interface Pass {
  readonly name: string;
  readonly elements: number;
  /** Arrays that go by, as large as the elements. */
  readonly streams: number;
  run(): unknown;
  got(): ArrayLike<number>;
  want(): ArrayLike<number>;
}

/** Kernels, and arrays in their memory. */
interface Place {
  call(name: string, ...args: number[]): number;
  floats(values: ArrayLike<number>): Float32Array;
}

const N = 2048;
const [M, D] = [64, 1000];
const [STEPS, ROWS, H] = [100, 64, 256];

export function passCases(build: string, core: Uint8Array): Case[] {
  const passes = [dropoutPass, poolPass("max"), poolPass("mean"), softmaxPass, layerNormPass, adamPass, bcePass];
  return passes.map((pass) => {
    const { name, elements, streams, run, got, want } = pass(placeOf(core));
    return {
      id: name,
      contender: `wasm-rnn/${build}`,
      flops: 0,
      elements,
      bytes: 4 * elements * streams,
      run: () => void run(),
      validate() {
        run();
        assertClose(name, got(), want(), 1e-5);
      },
    };
  });
}

function placeOf(core: Uint8Array): Place {
  const { exports, memory, base } = instantiate(core, 256);
  let top = base;
  return {
    call: (name, ...args) => (exports[`${name}_f32`] as (...args: number[]) => number)(...args),
    floats(values) {
      const array = new Float32Array(memory.buffer, top, values.length);
      array.set(values);
      top += Math.ceil((array.byteLength + 64) / 64) * 64;
      return array;
    },
  };
}

function dropoutPass({ call, floats }: Place): Pass {
  const [x, y] = [floats(numbers(N)), floats(numbers(N))];
  const want = () => dropoutFactors(N, 0.5, 1, 2).map((factor, i) => factor * (x[i] as number));
  return {
    name: `dropout/${N}`,
    elements: N,
    streams: 2,
    run: () => call("dropout", y.byteOffset, x.byteOffset, N, 0.5, 1, 2),
    got: () => y,
    want,
  };
}

const poolPass =
  (kind: "max" | "mean") =>
  ({ call, floats }: Place): Pass => {
    const size = ROWS * H;
    const [x, y, places] = [floats(numbers(STEPS * size)), floats(numbers(size)), floats(numbers(size))];
    const rest = [x.byteOffset, 0, STEPS, ROWS, H, 0];
    const run = () =>
      kind === "max"
        ? call("max_pool_forward", y.byteOffset, places.byteOffset, ...rest)
        : call("mean_pool_forward", y.byteOffset, ...rest);
    const column = (i: number) => Array.from({ length: STEPS }, (_, t) => x[t * size + i] as number);
    const pooled = (values: number[]) => (kind === "max" ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0) / STEPS);
    const want = () => Array.from(y, (_, i) => pooled(column(i)));
    return { name: `${kind}-pool/T${STEPS}-N${ROWS}-H${H}`, elements: STEPS * size, streams: 1, run, got: () => y, want };
  };

function softmaxPass({ call, floats }: Place): Pass {
  const [z, p] = [floats(numbers(M * D, 10)), floats(numbers(M * D))];
  const run = () => call("softmax_forward", p.byteOffset, z.byteOffset, M, D);
  return { name: `softmax/${M}x${D}`, elements: M * D, streams: 2, run, got: () => p, want: () => softmaxRows({ M, O: D }, z) };
}

function layerNormPass({ call, floats }: Place): Pass {
  const [x, y, w, b] = [floats(numbers(M * D)), floats(numbers(M * D)), floats(numbers(D)), floats(numbers(D, 2))];
  const stats = floats(numbers(M * 6));
  const run = () => call("layer_norm_forward", y.byteOffset, stats.byteOffset, x.byteOffset, w.byteOffset, b.byteOffset, M, D, 1e-5);
  const want = () => {
    const row = Array.from(x.subarray(0, D));
    const mean = row.reduce((sum, value) => sum + value, 0) / D;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / D;
    return row.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * (w[i] as number) + (b[i] as number));
  };
  return { name: `layer-norm/${M}x${D}`, elements: M * D, streams: 2, run, got: () => y, want };
}

/** Its first step, from moments of zero: p ← p − η·g/(|g| + ε), about. */
function adamPass({ call, floats }: Place): Pass {
  const n = 100_000;
  const start = numbers(n);
  const [p, m, v, g] = [floats(start), floats(new Float32Array(n)), floats(new Float32Array(n)), floats(numbers(n).reverse())];
  const [beta1, beta2, epsilon, eta] = [0.9, 0.999, 1e-8, 1e-6];
  const pointers = [p, m, v, g].map(({ byteOffset }) => byteOffset);
  const run = () => call("adam", ...pointers, n, beta1, beta2, epsilon, eta / (1 - beta1), Math.sqrt(1 - beta2), 0, 1);
  const want = () => Array.from(g, (value, i) => (start[i] as number) - (eta * value) / (Math.abs(value) + epsilon));
  return { name: `adam/${n}`, elements: n, streams: 7, run, got: () => p, want }; // four in, three out
}

function bcePass({ call, floats }: Place): Pass {
  const [x, y, dx] = [floats(numbers(N, 10)), floats(numbers(N).map((value) => value + 0.5)), floats(numbers(N))];
  const run = () => call("bce", dx.byteOffset, x.byteOffset, y.byteOffset, 0, 0, N, 1, N, 1, 1, 1, 1);
  const want = () => Array.from(x).flatMap((value, i) => binary(value, y[i] as number, 1).gradient);
  return { name: `bce/${N}`, elements: N, streams: 3, run, got: () => dx, want };
}

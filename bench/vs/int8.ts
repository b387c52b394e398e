/** LSTMs with int8 weights beside ONNX Runtime's DynamicQuantizeLSTM and its f32 LSTM, interleaved. */
import type { Result, Timed, Weights } from "./contender.js";
import { createRuntime, LSTM, loadInt8 } from "./library.js";
import { dynamicQuantizeLstm, onnxModel } from "./onnx.js";
import { onnxruntimeOf, type Which } from "./peers/onnxruntime.js";
import { ratios } from "./report.js";

/** T, N, H: a step, and sequences. */
const SIZES = [
  [1, 1, 128],
  [1, 1, 256],
  [1, 1, 512],
  [100, 1, 128],
  [100, 1, 256],
  [100, 32, 128],
] as const;
/** Outputs lie within ±1; all round weights and activations, each its own way. */
const TOLERANCE = 0.1;

interface Runner {
  readonly name: string;
  run(): unknown;
  output(): Promise<ArrayLike<number>>;
  close(): unknown;
}

interface Size {
  readonly T: number;
  readonly N: number;
  readonly H: number;
}

/** @param builds of this package @param seconds for each contender of each size */
export async function int8(builds: readonly string[], seconds: number): Promise<Result[]> {
  const results: Result[] = [];
  for (const [T, N, H] of SIZES) results.push(await compared(builds, seconds, { T, N, H }));
  return results;
}

async function compared(builds: readonly string[], seconds: number, size: Size): Promise<Result> {
  const { T, N, H } = size;
  const x = Float32Array.from({ length: T * N * H }, (_, i) => Math.sin(i * 1.7));
  using source = await createRuntime({ build: "baseline", seed: 1 });
  const named = new LSTM(source, { inputSize: H, hiddenSize: H }).parameters().map(({ name, toArray }) => [name, toArray()]);
  const { weight_ih_l0: wih, weight_hh_l0: whh, bias_ih_l0: bih, bias_hh_l0: bhh } = Object.fromEntries(named);
  const weights = { wih, whh, bih, bhh } as Weights;
  const runners = await Promise.all([
    ...builds.map((build) => ours(build, size, x, weights)),
    theirs("onnxruntime-web", "int8", size, x, weights),
    theirs("onnxruntime-node", "int8", size, x, weights),
    theirs("onnxruntime-web", "f32", size, x, weights),
    theirs("onnxruntime-node", "f32", size, x, weights),
  ]);
  const wanted = (await runners.at(-1)?.output()) as ArrayLike<number>;
  for (const runner of runners) {
    const got = await runner.output();
    for (let i = 0; i < wanted.length; i++)
      if (!(Math.abs((got[i] as number) - (wanted[i] as number)) < TOLERANCE))
        throw new Error(`int8: ${runner.name}: output ${i} is ${got[i]}, expected ${wanted[i]}`);
  }
  const times = new Map(runners.map(({ name }) => [name, [] as number[]]));
  const calls = Math.max(1, Math.floor(2e7 / (16 * H * H * T * N)));
  const deadline = performance.now() + runners.length * seconds * 1000;
  do {
    for (const runner of runners) {
      const begin = performance.now();
      for (let i = 0; i < calls; i++) await runner.run();
      times.get(runner.name)?.push((performance.now() - begin) / calls);
    }
  } while (performance.now() < deadline);
  for (const runner of runners) await runner.close();
  const contenders = Object.fromEntries([...times].map(([name, each]) => [name, timedOf(each)]));
  return { id: `int8-lstm-${T === 1 ? "step" : `forward/T${T}`}-N${N}-H${H}`, contenders, ratios: ratios(contenders) };
}

function timedOf(times: readonly number[]): Timed {
  const sorted = [...times].sort((a, b) => a - b);
  return { minMs: sorted[0] as number, medianMs: sorted[sorted.length >> 1] as number };
}

async function ours(build: string, { T, N, H }: Size, x: Float32Array, { wih, whh, bih, bhh }: Weights): Promise<Runner> {
  const rt = await createRuntime({ build: build as "baseline" });
  await loadInt8(rt);
  const lstm = new LSTM(rt, { inputSize: H, hiddenSize: H, weights: "int8" });
  for (const [i, values] of [wih, whh, bih, bhh].entries()) lstm.parameters()[i]?.set(values);
  const input = rt.tensor(x, [T, N, H]);
  const stream = lstm.stream();
  stream.input.set(x.subarray(0, H));
  return {
    name: `wasm-rnn/${build}`,
    run: () => (T === 1 ? stream.step() : lstm.forward(input)),
    output: async () => lstm.forward(input).output.toArray(),
    close: () => rt.dispose(),
  };
}

async function theirs(which: Which, kind: "int8" | "f32", { T, N, H }: Size, x: Float32Array, weights: Weights): Promise<Runner> {
  const { ort, options } = await onnxruntimeOf(which);
  const size = { T, N, I: H, H };
  const session = await ort.InferenceSession.create(
    kind === "int8" ? dynamicQuantizeLstm(size, weights) : onnxModel("lstm", size, weights),
    options,
  );
  const zeros = () => new ort.Tensor("float32", new Float32Array(N * H), [1, N, H]);
  const feeds = { X: new ort.Tensor("float32", x, [T, N, H]), h0: zeros(), c0: zeros() };
  return {
    name: kind === "int8" ? which : `${which} f32`,
    run: () => session.run(feeds),
    output: async () => (await session.run(feeds)).Y?.data ?? [],
    close: () => session.release(),
  };
}

/** Silero's detector, chunk by chunk with its state carried, on real speech: examples/vad beside ONNX Runtime's two, interleaved. */
import { CHUNK, Detector, RATE } from "../../examples/vad/detector.js";
import { modelBytes } from "../../examples/vad/models.js";
import { prompts } from "../../examples/vad/sound.js";
import type { Result, Timed } from "./contender.js";
import { createRuntime } from "./library.js";
import { type OnnxRuntime, onnxruntimeOf, type Which } from "./peers/onnxruntime.js";
import { ratios } from "./report.js";

/** Published with one sampling rate: what there is least to do for. */
const MODEL = "v6";
/** Samples of the chunk before that are read again; numbers of the state. */
const [CONTEXT, STATE] = [64, [2, 1, 128]] as const;
/** Chunks that are compared, and chunks of a round. */
const [COMPARED, ROUND] = [600, 50];
const TOLERANCE = 1e-4;

interface Ear {
  readonly name: string;
  /** Of CHUNK samples; the state goes on. */
  probability(chunk: Float32Array): number | Promise<number>;
  close(): unknown;
}

/** @param builds of this package @param seconds for each contender */
export async function detectors(builds: readonly string[], seconds: number): Promise<Result> {
  const bytes = modelBytes(MODEL);
  const ears = await Promise.all([
    ...builds.map((build) => ours(build, bytes)),
    theirs("onnxruntime-web", bytes),
    theirs("onnxruntime-node", bytes),
  ]);
  const samples = prompts((COMPARED * CHUNK) / RATE);
  const chunks = Array.from({ length: COMPARED }, (_, i) => samples.subarray(i * CHUNK, (i + 1) * CHUNK));
  await compare(ears, chunks);
  const times = new Map(ears.map(({ name }) => [name, [] as number[]]));
  const deadline = performance.now() + ears.length * seconds * 1000;
  for (let at = 0; performance.now() < deadline; at = (at + ROUND) % COMPARED) {
    for (const ear of ears) {
      const begin = performance.now();
      for (let i = at; i < at + ROUND; i++) await ear.probability(chunks[i] as Float32Array);
      times.get(ear.name)?.push((performance.now() - begin) / ROUND);
    }
  }
  for (const ear of ears) await ear.close();
  const contenders = Object.fromEntries([...times].map(([name, each]) => [name, timedOf(each)]));
  return { id: `silero-vad/${MODEL}-chunk`, contenders, ratios: ratios(contenders) };
}

function timedOf(times: readonly number[]): Timed {
  const sorted = [...times].sort((a, b) => a - b);
  return { minMs: sorted[0] as number, medianMs: sorted[sorted.length >> 1] as number };
}

/** Warms up, too. @throws {Error} where one hears something else */
async function compare([first, ...others]: readonly Ear[], chunks: readonly Float32Array[]): Promise<void> {
  for (const [i, chunk] of chunks.entries()) {
    const wanted = (await first?.probability(chunk)) as number;
    for (const ear of others) {
      const got = await ear.probability(chunk);
      if (!(Math.abs(got - wanted) < TOLERANCE))
        throw new Error(`silero-vad: chunk ${i}: ${ear.name} says ${got}, ${first?.name} ${wanted}`);
    }
  }
}

async function ours(build: string, bytes: Uint8Array): Promise<Ear> {
  const rt = await createRuntime({ build: build as "baseline" });
  const detector = await Detector.of(rt, bytes, "state");
  return { name: `wasm-rnn/${build}`, probability: (chunk) => detector.probability(chunk), close: () => rt.dispose() };
}

async function theirs(name: Which, bytes: Uint8Array): Promise<Ear> {
  const { ort, options } = await onnxruntimeOf(name);
  const session = await ort.InferenceSession.create(bytes, options);
  const input = new Float32Array(CONTEXT + CHUNK);
  const rate = new ort.Tensor("int64", BigInt64Array.of(BigInt(RATE)), []);
  let state = new ort.Tensor("float32", new Float32Array(2 * 128), [...STATE]);
  return {
    name,
    async probability(chunk) {
      input.copyWithin(0, CHUNK);
      input.set(chunk, CONTEXT);
      const results = await session.run({ input: new ort.Tensor("float32", input, [1, input.length]), state, sr: rate });
      state = results.stateN as InstanceType<OnnxRuntime["Tensor"]>;
      return (results.output?.data[0] ?? Number.NaN) as number;
    },
    close: () => session.release(),
  };
}

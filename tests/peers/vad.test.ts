/** Silero's networks, every published file of them, beside ONNX Runtime on real speech, chunk by chunk with the state carried. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { CHUNK, Detector, RATE } from "../../examples/vad/detector.js";
import { type Kind, MODELS, modelBytes, NAMES } from "../../examples/vad/models.js";
import { prompts } from "../../examples/vad/sound.js";
import { createRuntime } from "../helpers/built.js";

/** The legacy network of ONNX Runtime's own builds differs by 3.2e-4 from one to the other. */
const BOUNDS: Readonly<Record<Kind, number>> = { state: 1e-4, "h c": 1e-3 };
const SECONDS = Number(process.env.VAD_SECONDS ?? 20);
const CONTEXT = 64;

/** ONNX Runtime's probabilities. */
async function theirs(bytes: Uint8Array, kind: Kind, samples: Float32Array): Promise<number[]> {
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const zeros = (size: number) => new Tensor("float32", new Float32Array(2 * size), [2, 1, size]);
  let state: Record<string, Tensor> = kind === "state" ? { state: zeros(128) } : { h: zeros(64), c: zeros(64) };
  const rate: Record<string, Tensor> = session.inputNames.includes("sr")
    ? { sr: new Tensor("int64", BigInt64Array.of(BigInt(RATE)), []) }
    : {};
  const context = kind === "state" ? CONTEXT : 0;
  const input = new Float32Array(context + CHUNK);
  const probabilities: number[] = [];
  for (let at = 0; at + CHUNK <= samples.length; at += CHUNK) {
    input.copyWithin(0, CHUNK);
    input.set(samples.subarray(at, at + CHUNK), context);
    const results = await session.run({ input: new Tensor("float32", input, [1, input.length]), ...state, ...rate });
    state = kind === "state" ? { state: results.stateN as Tensor } : { h: results.hn as Tensor, c: results.cn as Tensor };
    probabilities.push((results.output as Tensor).data[0] as number);
  }
  await session.release();
  return probabilities;
}

describe("Silero VAD", () => {
  it.each(NAMES)(`%s gives the probabilities that ONNX Runtime gives, over ${SECONDS} s of speech`, async (name) => {
    const [bytes, { kind }] = [modelBytes(name), MODELS[name]];
    const samples = prompts(SECONDS);
    const expected = await theirs(bytes, kind, samples);
    using rt = await createRuntime();
    const detector = await Detector.of(rt, bytes, kind);
    let worst = 0;
    for (const [i, probability] of expected.entries()) {
      const ours = detector.probability(samples.subarray(i * CHUNK, (i + 1) * CHUNK));
      worst = Math.max(worst, Math.abs(ours - probability));
    }
    detector.dispose();
    expect(rt.bytesInUse).toBe(0);
    expect(expected.filter((probability) => probability > 0.5).length).toBeGreaterThan(expected.length / 4); // it is speech
    expect(worst).toBeLessThan(BOUNDS[kind]);
  }, 300_000);
});

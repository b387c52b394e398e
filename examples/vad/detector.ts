/** Whether somebody speaks, 31 times a second: a network of ONNX that is fed chunk by chunk, its state carried. */
import type { Runtime, Tensor } from "wasm-rnn";
import { type LoadOnnxOptions, loadOnnx, type OnnxSession, type OnnxStream } from "wasm-rnn/onnx";
import type { Kind } from "./models.js";

/** Samples a second, and of a chunk. */
export const RATE = 16_000;
export const CHUNK = 512;
/** Samples of the chunk before that the newer networks read again. */
const CONTEXT = 64;

/** Hears one voice. */
export class Detector {
  readonly #session: OnnxSession;
  readonly #stream: OnnxStream;
  readonly #input: Tensor;
  readonly #feeds: Record<string, Tensor>;
  /** The context, if there is one, and the chunk behind it. */
  readonly #samples: Float32Array;

  private constructor(rt: Runtime, session: OnnxSession, kind: Kind) {
    this.#session = session;
    this.#stream = session.stream();
    this.#samples = new Float32Array(kind === "state" ? CONTEXT + CHUNK : CHUNK);
    this.#input = rt.zeros([1, this.#samples.length]);
    const asksRate = session.inputs.some(({ name }) => name === "sr");
    this.#feeds = { input: this.#input, ...(asksRate && { sr: rt.tensor(Int32Array.of(RATE), [1]) }) };
  }

  static async of(rt: Runtime, bytes: Uint8Array, kind: Kind, options: LoadOnnxOptions = {}): Promise<Detector> {
    return new Detector(rt, await loadOnnx(rt, bytes, options), kind);
  }

  /** @param chunk CHUNK samples in [−1, 1] @returns the probability that it is speech */
  probability(chunk: Float32Array): number {
    this.#samples.copyWithin(0, CHUNK);
    this.#samples.set(chunk, this.#samples.length - CHUNK);
    this.#input.set(this.#samples);
    return (this.#stream.step(this.#feeds).output as Tensor).at(0);
  }

  /** Forgets what it has heard. */
  reset(): void {
    this.#samples.fill(0);
    this.#stream.reset();
  }

  dispose(): void {
    this.#stream.dispose();
    this.#session.dispose();
    for (const tensor of Object.values(this.#feeds)) tensor.dispose();
  }
}

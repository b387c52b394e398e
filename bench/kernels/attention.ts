/** One decoding step with attention, all rows at once: scores, softmax and weighted sum over S steps of D features. */
import { attention } from "../../tests/reference/attention.js";
import { assertClose, type Case, numbers } from "../harness.js";
import { instantiate } from "../raw.js";

const SCORES = ["dot", "additive"] as const;
const [S, D] = [50, 256];

/** @param operators the operators' binary of a build */
export function attentionCases(build: string, operators: Uint8Array): Case[] {
  return SCORES.flatMap((score) => [1, 32].map((N) => stepCase(build, operators, score, N)));
}

function stepCase(build: string, operators: Uint8Array, score: (typeof SCORES)[number], N: number): Case {
  const { base, memory, exports } = instantiate(operators, 256);
  const forward = exports.attention_forward_f32 as (...args: number[]) => void;
  const floats = (ptr: number, n: number) => new Float32Array(memory.buffer, ptr, n);
  const query = base;
  const keys = query + 4 * N * D;
  const vector = keys + 4 * S * N * D;
  const weights = vector + 4 * D;
  const context = weights + 4 * N * S;
  floats(query, N * D).set(numbers(N * D));
  floats(keys, S * N * D).set(numbers(S * N * D));
  floats(vector, D).set(numbers(D));
  const [w, kind] = score === "additive" ? [vector, 1] : [0, 0];
  const row = (data: Float32Array, at: number) => Array.from(data.subarray(at * D, (at + 1) * D));
  const scale = 1 / Math.sqrt(D);
  return {
    id: `attention/${score}-N${N}-S${S}-D${D}`,
    contender: `wasm-rnn/${build}`,
    flops: score === "dot" ? 4 * N * S * D : 0,
    elements: score === "dot" ? 0 : N * S * D, // of tanh
    run: () => void forward(context, weights, query, keys, keys, w, 0, 0, 1, S, N, N, 1, D, D, kind, scale),
    validate() {
      this.run();
      const [q, k] = [floats(query, N * D), floats(keys, S * N * D)];
      for (const n of [0, N - 1]) {
        const own = Array.from({ length: S }, (_, s) => row(k, s * N + n));
        const scoring = score === "dot" ? { scale } : { vector: row(floats(vector, D), 0) };
        const [want] = attention([row(q, n)], own, own, () => S, scoring);
        assertClose(this.id, floats(context + 4 * n * D, D), want?.context ?? [], 1e-4);
      }
    },
  };
}

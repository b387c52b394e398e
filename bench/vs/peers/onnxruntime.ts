/** onnxruntime-web (its Wasm backend, in Node) and onnxruntime-node, one thread each. Inference only: neither trains. */
import type { Contender } from "../contender.js";
import { onnxModel } from "../onnx.js";

/** The part that is used of either. */
export interface OnnxRuntime {
  readonly env: { wasm: { numThreads: number }; logLevel: string };
  readonly Tensor: new (type: "float32" | "int64", data: Float32Array | BigInt64Array, shape: number[]) => { readonly data: Float32Array };
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
}

type Feeds = Record<string, InstanceType<OnnxRuntime["Tensor"]> | undefined>;

interface Session {
  run(feeds: Feeds): Promise<Feeds>;
  release(): Promise<void>;
}

export type Which = "onnxruntime-web" | "onnxruntime-node";

/** It, and what makes a session of it one of one thread. */
export async function onnxruntimeOf(name: Which): Promise<{ ort: OnnxRuntime; options: object }> {
  const ort: OnnxRuntime = await import(name);
  if (name === "onnxruntime-node") return { ort, options: { intraOpNumThreads: 1, interOpNumThreads: 1 } };
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  return { ort, options: { executionProviders: ["wasm"] } };
}

export async function onnxruntime(name: Which): Promise<Contender> {
  const { ort, options } = await onnxruntimeOf(name);
  return {
    name,
    supports: ({ mode }) => mode !== "train",
    async prepare({ kind, mode, T, N, I, H }, { x, weights }) {
      const session = await ort.InferenceSession.create(onnxModel(kind, { T, N, I, H }, weights), options);
      const zeros = () => new ort.Tensor("float32", new Float32Array(N * H), [1, N, H]);
      const feeds: Feeds = { X: new ort.Tensor("float32", x, [T, N, I]), h0: zeros(), ...(kind === "lstm" ? { c0: zeros() } : {}) };
      const output = async () => (await session.run(feeds)).Y?.data ?? [];
      return {
        output,
        async time(calls) {
          const begin = performance.now();
          for (let i = 0; i < calls; i++) {
            const result = await session.run(feeds);
            if (mode === "step") {
              feeds.h0 = result.hn; // a step goes on from the last one's state
              if (kind === "lstm") feeds.c0 = result.cn;
            }
          }
          return (performance.now() - begin) / calls;
        },
        dispose: () => session.release(),
      };
    },
  };
}

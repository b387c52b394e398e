/** TensorFlow.js with its Wasm and its CPU backend. Its LSTM has gates i f c o and one bias; its default sigmoid is a hard one. */
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import type { Contender } from "../contender.js";

export async function tfjs(backend: "wasm" | "cpu"): Promise<Contender> {
  setThreadsCount(1);
  const name = `tfjs-${backend}`;
  return {
    name,
    // Beyond this many operations one call takes many seconds.
    // It has no GRU with the reset after the product.
    supports: ({ kind, T, N, I, H }) => kind !== "gru" && T * N * H * (I + H) * 8 <= 1e9,
    async prepare({ kind, mode, T, N, I, H }, { x, dY, weights }) {
      await select(backend);
      const plain = { recurrentInitializer: "zeros" }; // its default, orthogonal, takes minutes at 512 units; weights are set below
      const cell = { units: H, returnSequences: true, activation: "tanh", recurrentActivation: "sigmoid", unitForgetBias: false, ...plain };
      const stateful = mode === "step";
      const layer =
        kind === "lstm"
          ? tf.layers.lstm({ ...cell, stateful })
          : tf.layers.simpleRNN({ units: H, returnSequences: true, stateful, ...plain });
      const input = tf.input({ batchShape: [N, T, I] });
      const model = tf.model({ inputs: input, outputs: layer.apply(input) });
      const bias = weights.bih.map((b, i) => b + (weights.bhh[i] as number));
      const G = kind === "lstm" ? 4 : 1;
      layer.setWeights([
        tf.transpose(tf.tensor2d(weights.wih, [G * H, I])),
        tf.transpose(tf.tensor2d(weights.whh, [G * H, H])),
        tf.tensor1d(bias),
      ]);
      const xs = tf.transpose(tf.tensor3d(x, [T, N, I]), [1, 0, 2]);
      const grads = tf.transpose(tf.tensor3d(dY, [T, N, H]), [1, 0, 2]);
      const optimizer = tf.train.adam(1e-4);
      const one = {
        step: () => tf.tidy(() => void model.predict(xs).dataSync()),
        forward: () => tf.tidy(() => void model.predict(xs).dataSync()),
        train: () => {
          const loss = optimizer.minimize(() => tf.sum(tf.mul(model.apply(xs, { training: true }), grads)), true);
          loss.dataSync();
          loss.dispose();
        },
      }[mode];
      return {
        output: async () => tf.tidy(() => tf.transpose(model.predict(xs), [1, 0, 2]).dataSync()),
        async time(calls) {
          await select(backend);
          const begin = performance.now();
          for (let i = 0; i < calls; i++) one();
          return (performance.now() - begin) / calls;
        },
        dispose() {
          model.dispose();
          for (const tensor of [xs, grads]) tensor.dispose();
          optimizer.dispose();
        },
      };
    },
  };
}

async function select(backend: string): Promise<void> {
  if (tf.getBackend() !== backend) await tf.setBackend(backend);
  await tf.ready();
}

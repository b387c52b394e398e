/** brain.js: a network of its own shape (LSTMTimeStep, one hidden layer), so its outputs are not compared; one sequence at a time. */
import brain from "brain.js";
import type { Contender } from "../contender.js";

export async function brainJs(): Promise<Contender> {
  return {
    name: "brain.js",
    supports: ({ kind, N, H, mode }) => (kind === "lstm" || kind === "rnn") && N === 1 && H <= 64 && mode !== "step",
    async prepare({ kind, mode, T, I, H }, { x }) {
      const Net = kind === "lstm" ? brain.recurrent.LSTMTimeStep : brain.recurrent.RNNTimeStep;
      const net = new Net({ inputSize: I, hiddenLayers: [H], outputSize: I });
      const sequence = Array.from({ length: T }, (_, t) => Array.from(x.subarray(t * I, (t + 1) * I)));
      const options = { iterations: 1, errorThresh: 0, log: false, learningRate: 1e-6 }; // at its default the RNN soon gives NaN, and throws
      net.train([sequence], options);
      const one = mode === "train" ? () => net.train([sequence], options) : () => net.run(sequence);
      return {
        async time(calls) {
          const begin = performance.now();
          for (let i = 0; i < calls; i++) one();
          return (performance.now() - begin) / calls;
        },
        dispose() {},
      };
    },
  };
}

/** This package, one build. */
import type { Contender, Weights } from "../contender.js";
import { Adam, createRuntime, Frame, GRU, LSTM, RNN } from "../library.js";

const LAYERS = { lstm: LSTM, gru: GRU, rnn: RNN };

export async function wasmRnn(build: "baseline" | "relaxed"): Promise<Contender> {
  const rt = await createRuntime({ build });
  return {
    name: `wasm-rnn/${build}`,
    supports: ({ kind }) => kind in LAYERS,
    async prepare({ kind, mode, T, N, I, H }, { x, dY, weights }) {
      const layer = new LAYERS[kind](rt, { inputSize: I, hiddenSize: H });
      for (const parameter of layer.parameters()) {
        const [, first, of] = /^([wb])\w+_(ih|hh)_l0$/.exec(parameter.name) ?? [];
        parameter.set(weights[`${first}${of}` as keyof Weights]);
      }
      const input = rt.tensor(x, [T, N, I]);
      const gradient = rt.tensor(dY, [T, N, H]);
      const stream = layer.stream({ batch: N });
      if (mode === "step") stream.input.set(x);
      const frame = new Frame(rt);
      const adam = new Adam(layer.parameters(), { lr: 1e-4 });
      const one = {
        step: () => stream.step(),
        forward: () => frame.run(() => layer.forward(input)),
        train() {
          adam.zeroGrad();
          layer.forward(input);
          layer.backward(gradient, undefined, { dX: false }); // no peer computes dX of a leaf
          adam.step();
        },
      }[mode];
      return {
        output: async () => frame.run(() => layer.forward(input)).output.toArray(),
        async time(calls) {
          const begin = performance.now();
          for (let i = 0; i < calls; i++) one();
          return (performance.now() - begin) / calls;
        },
        dispose() {
          for (const each of [input, gradient, stream, adam, frame, layer]) each.dispose();
        },
      };
    },
    close: () => rt.dispose(),
  };
}

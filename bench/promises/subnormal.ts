/** Subnormal numbers: a training step on vanished gradients against one on ordinary ones, interleaved. Goal: at most 1.1. */
import { Adam, createRuntime, LSTM } from "wasm-rnn";
import { type Case, measure, numbers } from "../harness.js";
import type { Promised } from "./promise.js";

const [T, N, H] = [100, 4, 64];
/** From here down: small squares vanish, then the gradients themselves, then their products. */
const SCALES = { ordinary: 1e-2, small: 1e-20, tiny: 1e-36, vanishing: 1e-42 };

export const subnormal: Promised = {
  id: `subnormal/lstm-train-T${T}-N${N}-I${H}-H${H}`,
  async run({ builds, quick, print }) {
    const contenders: Record<string, Record<string, number>> = {};
    for (const build of builds) {
      using rt = await createRuntime({ build });
      const cases = Object.entries(SCALES).map(([name, scale]): Case => {
        const layer = new LSTM(rt, { inputSize: H, hiddenSize: H });
        const adam = new Adam(layer.parameters(), { lr: 1e-5 });
        const x = rt.tensor(numbers(T * N * H), [T, N, H]);
        const dOutput = rt.tensor(numbers(T * N * H, scale), [T, N, H]);
        const run = () => {
          adam.zeroGrad();
          layer.forward(x);
          layer.backward(dOutput);
          adam.step();
        };
        return { id: name, contender: name, flops: 0, validate() {}, run };
      });
      const times = Object.fromEntries([...measure(cases, quick ? 0.1 : 0.6)].map(([{ id }, { minMs }]) => [id, minMs]));
      const worst = Math.max(...Object.values(times)) / (times.ordinary as number);
      contenders[`wasm-rnn/${build}`] = { ...times, worstOverOrdinary: worst };
      const each = Object.entries(times).map(([name, ms]) => `${name} ${ms.toFixed(3)} ms`);
      print(`subnormal ${build.padEnd(9)} ${each.join(", ")}: at most ${worst.toFixed(3)} times an ordinary step`);
    }
    return { contenders, ratios: {} };
  },
};

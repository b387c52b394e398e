/** Cost as the work grows: an LSTM's training step over T, N and H, as time per time step and per operation. */
import { createRuntime, Frame, LSTM } from "wasm-rnn";
import { type Case, measure, numbers } from "../harness.js";
import type { Promised } from "./promise.js";

/** [T, N, H] */
const OVER = {
  T: [25, 50, 100, 200, 400].map((T) => [T, 4, 128]),
  N: [1, 2, 4, 8, 16, 32, 64].map((N) => [50, N, 128]),
  H: [64, 128, 256, 512, 1024].map((H) => [20, 8, H]),
} as Record<string, [number, number, number][]>;

export const growth: Promised = {
  id: "growth/lstm",
  async run({ builds, quick, print }) {
    const build = builds.at(-1) as (typeof builds)[number];
    using rt = await createRuntime({ build });
    const quantities: Record<string, number> = {};
    for (const mode of ["forward", "forward+backward"] as const) {
      for (const [name, sizes] of Object.entries(OVER)) {
        const cases = sizes.map((size) => lstmCase(rt, mode, size));
        for (const [{ id, flops, elements: T }, { minMs }] of measure(cases, quick ? 0.03 : 0.3)) {
          const each = (minMs * 1000) / (T as number);
          quantities[`${mode}/${id}/usPerTimeStep`] = each;
          quantities[`${mode}/${id}/gflops`] = flops / minMs / 1e6;
          print(
            `growth over ${name}  ${mode.padEnd(16)} ${id.padEnd(14)} ${each.toFixed(1).padStart(8)} µs a time step  ${(flops / minMs / 1e6).toFixed(1)} GFLOP/s`,
          );
        }
        for (const one of cases) one.end();
      }
    }
    return { contenders: { [`wasm-rnn/${build}`]: quantities }, ratios: {} };
  },
};

function lstmCase(
  rt: Awaited<ReturnType<typeof createRuntime>>,
  mode: "forward" | "forward+backward",
  [T, N, H]: [number, number, number],
): Case & { end(): void } {
  const layer = new LSTM(rt, { inputSize: H, hiddenSize: H });
  const frame = new Frame(rt);
  const x = rt.tensor(numbers(T * N * H), [T, N, H]);
  const dOutput = rt.tensor(numbers(T * N * H, 0.01), [T, N, H]);
  return {
    id: `T${T}-N${N}-H${H}`,
    contender: mode,
    flops: 16 * T * N * H * H * (mode === "forward" ? 1 : 3),
    elements: T,
    validate() {},
    run() {
      if (mode === "forward") return void frame.run(() => layer.forward(x));
      layer.forward(x);
      layer.backward(dOutput);
    },
    end() {
      for (const each of [x, dOutput, frame, layer]) each.dispose();
    },
  };
}

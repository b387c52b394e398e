/**
 * Garbage: what a million streaming steps of every layer leave on the JavaScript heap, with the builds that were loaded before still about. The heap is read without a collection in between,
 * so that every byte counts; a control that makes one small object a step shows that one would be seen.
 */
import { PerformanceObserver } from "node:perf_hooks";
import { createRuntime, Dense, GRU, LSTM, RNN, type Runtime } from "wasm-rnn";
import { LSTMP, loadOperators, MinGRU, MinLSTM } from "wasm-rnn/cells";
import { loadInt8 } from "wasm-rnn/int8";
import type { Promised } from "./promise.js";

export const garbage: Promised = {
  id: "garbage/step-H16",
  async run({ builds, quick, print }) {
    const steps = quick ? 200_000 : 1_000_000;
    const contenders: Record<string, Record<string, number>> = {};
    for (const build of builds) {
      using rt = await createRuntime({ build });
      await Promise.all([loadOperators(rt), loadInt8(rt)]);
      const quantities: Record<string, number> = {};
      for (const [name, layer] of Object.entries(layersOf(rt))) {
        const stream = layer.stream();
        const step = () => {
          stream.input[0] = stream.output[1] as number;
          stream.step();
        };
        quantities[name] = await bytesPerStep(step, steps);
        if (name === "LSTM") quantities.control = await control(step, steps);
      }
      contenders[`wasm-rnn/${build}`] = quantities;
      const all = Object.entries(quantities).map(([name, bytes]) => `${name} ${bytes.toFixed(2)}`);
      print(`garbage  ${build.padEnd(9)} bytes a step over ${steps} steps: ${all.join(", ")} (the control makes one small object a step)`);
    }
    return { contenders, ratios: {} };
  },
};

function layersOf(rt: Runtime) {
  const sizes = { inputSize: 16, hiddenSize: 16 };
  return {
    LSTM: new LSTM(rt, sizes),
    "LSTM int8": new LSTM(rt, { ...sizes, weights: "int8" }),
    "LSTM bf16": new LSTM(rt, { ...sizes, weights: "bf16" }),
    "LSTM of two layers": new LSTM(rt, { ...sizes, numLayers: 2, residual: true }),
    GRU: new GRU(rt, sizes),
    RNN: new RNN(rt, sizes),
    LSTMP: new LSTMP(rt, { ...sizes, projSize: 8 }),
    MinGRU: new MinGRU(rt, sizes),
    MinLSTM: new MinLSTM(rt, sizes),
    Dense: new Dense(rt, { inputSize: 16, outputSize: 16 }),
  } as const;
}

/** Shows that one object a step is seen. */
async function control(step: () => void, steps: number): Promise<number> {
  let kept: { at: number } = { at: 0 };
  const bytes = await bytesPerStep((i) => {
    step();
    kept = { at: i };
  }, steps);
  if (!(bytes >= 8) || kept.at !== steps - 1) throw new Error(`garbage: an object a step was seen as ${bytes} bytes`);
  return bytes;
}

/** Bytes that the heap grows by, a step; each collection on the way counts as a young generation, which is what filled before it. */
async function bytesPerStep(step: (i: number) => void, steps: number): Promise<number> {
  for (let i = 0; i < 20_000; i++) step(i); // until V8 has optimised
  if (!globalThis.gc) throw new Error("garbage: needs --expose-gc");
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 20));
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ["gc"] });
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < steps; i++) step(i);
  const after = process.memoryUsage().heapUsed;
  await new Promise((resolve) => setTimeout(resolve, 20));
  observer.disconnect();
  return (Math.max(0, after - before) + collections * SEMI_SPACE) / steps;
}

/** Bytes of the young generation: scripts/bench.ts sets it. */
const SEMI_SPACE = 1024 * 1024;

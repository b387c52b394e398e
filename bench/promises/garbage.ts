/**
 * Garbage: what a million streaming steps leave on the JavaScript heap. The heap is read without a collection in between,
 * so that every byte counts; a control that makes one small object a step shows that one would be seen.
 */
import { PerformanceObserver } from "node:perf_hooks";
import { createRuntime, LSTM } from "wasm-rnn";
import type { Promised } from "./promise.js";

export const garbage: Promised = {
  id: "garbage/lstm-step-H16",
  async run({ builds, quick, print }) {
    const steps = quick ? 200_000 : 1_000_000;
    const contenders: Record<string, Record<string, number>> = {};
    for (const build of builds) {
      using rt = await createRuntime({ build });
      const stream = new LSTM(rt, { inputSize: 16, hiddenSize: 16 }).stream();
      const step = () => {
        stream.input[0] = stream.output[1] as number;
        stream.step();
      };
      let kept: { at: number } = { at: 0 };
      const control = (i: number) => {
        step();
        kept = { at: i };
      };
      const bytes = await bytesPerStep(step, steps);
      const seen = await bytesPerStep(control, steps);
      if (!(seen >= 8) || kept.at !== steps - 1) throw new Error(`garbage: an object a step was seen as ${seen} bytes`);
      contenders[`wasm-rnn/${build}`] = { bytesPerStep: bytes, bytesPerStepOfControl: seen };
      print(
        `garbage  ${build.padEnd(9)} ${bytes.toFixed(4)} bytes a step over ${steps} steps (one small object a step: ${seen.toFixed(1)})`,
      );
    }
    return { contenders, ratios: {} };
  },
};

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

/** The training of an ensemble: its readers, one after another, each from another beginning. */
import { AdamW, type Callbacks, CrossEntropyLoss, createRuntime, fit, Generator, OneCycleLR, predict, type Runtime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/ops";
import { shuffled } from "../shared/numbers.js";
import { changedCodes, codesOf } from "./codes.js";
import { BASES, type Window } from "./data.js";
import { Ensemble } from "./model.js";

export interface Settings {
  readonly members: number;
  readonly epochs: number;
  readonly seed: number;
}

export const SETTINGS: Omit<Settings, "seed"> = { members: 4, epochs: 12 };
const BATCH = 32;
const RATE = 0.01;

/** @param report of each reader, by its number from 1 */
export async function learn(
  rt: Runtime,
  learned: readonly Window[],
  settings: Settings,
  { signal, report = () => ({}) }: { signal: AbortSignal; report?: (member: number) => Callbacks },
): Promise<Ensemble> {
  const ensemble = new Ensemble(rt, settings);
  for (const [m, reader] of Object.values(ensemble.layers).entries()) {
    const random = new Generator(rt.generator.integer(2 ** 31 - 1));
    const optimizer = new AdamW(reader.parameters(), { lr: RATE, weightDecay: 0.01 });
    const totalSteps = settings.epochs * Math.ceil(learned.length / BATCH);
    await fit(reader, {
      data: () => shuffled(learned, random).map((window) => ({ x: changedCodes(window, random), y: window.label })),
      ...{ features: BASES.length, loss: new CrossEntropyLoss(rt), metrics: ["accuracy"], epochs: settings.epochs, batchSize: BATCH },
      ...{ optimizer, schedule: new OneCycleLR(optimizer, { maxLr: RATE, totalSteps, pctStart: 0.2 }), scheduleEvery: "step" },
      ...{ clipNorm: 1, signal, callbacks: report(m + 1) },
    });
  }
  return ensemble.eval();
}

/** In an order by chance. */
/** Of each window the logits. */
export async function logitsOf(model: Ensemble, windows: readonly Pick<Window, "bases">[]): Promise<Float32Array[]> {
  const said = await predict(
    model,
    windows.map(({ bases }) => codesOf(bases)),
    { features: BASES.length, batchSize: 64 },
  );
  return said.map(({ data }) => Float32Array.from(data));
}

/** Work in a runtime of its own: its numbers do not depend on what was computed before. */
export async function inRuntime<R>(seed: number, work: (rt: Runtime) => Promise<R>): Promise<R> {
  using rt = await createRuntime({ seed });
  await loadOperators(rt);
  return await work(rt);
}

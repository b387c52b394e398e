/** The training of an ensemble, each of its readers alone: each watches another tenth of what there is to learn, and keeps its best pass. */
import { AdamW, type Callbacks, CrossEntropyLoss, createRuntime, fit, Generator, OneCycleLR, predict, type Runtime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/ops";
import { changedCodes, codesOf } from "./codes.js";
import { BASES, type Window } from "./data.js";
import { foldsOf } from "./folds.js";
import { Ensemble, type Reader } from "./model.js";

export interface Settings {
  readonly members: number;
  readonly epochs: number;
  readonly seed: number;
}

export const SETTINGS: Omit<Settings, "seed"> = { members: 5, epochs: 12 };
const BATCH = 32;
const RATE = 0.01;
const TENTHS = 10;

/** @param report of each reader, by its number from 1 */
export async function learn(
  rt: Runtime,
  learned: readonly Window[],
  settings: Settings,
  { signal, report = () => ({}) }: { signal: AbortSignal; report?: (member: number) => Callbacks },
): Promise<Ensemble> {
  const ensemble = new Ensemble(rt, settings);
  const tenths = foldsOf(learned, TENTHS, settings.seed);
  for (const [m, reader] of Object.values(ensemble.layers).entries()) {
    const own = learned.filter((_, i) => tenths[i] !== m % TENTHS);
    const watched = learned.filter((_, i) => tenths[i] === m % TENTHS);
    await learnOne(reader, {
      own,
      watched,
      epochs: settings.epochs,
      random: new Generator(rt.generator.integer(2 ** 31 - 1)),
      signal,
      callbacks: report(m + 1),
    });
  }
  return ensemble.eval();
}

interface One {
  readonly own: readonly Window[];
  readonly watched: readonly Window[];
  readonly epochs: number;
  readonly random: Generator;
  readonly signal: AbortSignal;
  readonly callbacks: Callbacks;
}

async function learnOne(reader: Reader, { own, watched, epochs, random, signal, callbacks }: One): Promise<void> {
  const optimizer = new AdamW(reader.parameters(), { lr: RATE, weightDecay: 0.01 });
  const totalSteps = epochs * Math.ceil(own.length / BATCH);
  await fit(reader, {
    data: () => shuffled(own, random).map((window) => ({ x: changedCodes(window, random), y: window.label })),
    validation: watched.map(({ bases, label }) => ({ x: codesOf(bases), y: label })),
    ...{ features: BASES.length, loss: new CrossEntropyLoss(reader.runtime), metrics: ["accuracy"], epochs, batchSize: BATCH, clipNorm: 1 },
    ...{ optimizer, schedule: new OneCycleLR(optimizer, { maxLr: RATE, totalSteps, pctStart: 0.2 }), scheduleEvery: "step" },
    ...{ earlyStopping: { patience: epochs }, signal, callbacks }, // none stops early: the best pass is kept
  });
}

function shuffled<Item>(items: readonly Item[], random: Generator): Item[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j] as Item, order[i] as Item];
  }
  return order;
}

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

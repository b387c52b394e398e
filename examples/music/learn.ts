/** The training of one fold's network. */
import { AdamW, CrossEntropyLoss, createRuntime, fit, OneCycleLR, type Runtime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/ops";
import { terminalReporter } from "wasm-rnn/terminal";
import type { Checkpoint } from "../shared/saving.js";
import { FOLDS, type Fold } from "./data.js";
import { batchesPerPass, lessonOf, pass, windowsOf } from "./lessons.js";
import { Composer } from "./model.js";
import type { Options } from "./options.js";

const SIZES = { embedding: 16, hidden: 160 };
const QUICK_SIZES = { embedding: 8, hidden: 16 };
/** Streams and events of a step. */
const [STREAMS, LENGTH] = [32, 64];
const [QUICK_STREAMS, QUICK_LENGTH] = [8, 32];
const EPOCHS = 5;
const LR = 0.006;
/** Events that are read at once where pieces are watched. */
const WATCHED = 256;
const STEPS_BETWEEN_CHECKPOINTS = 100;

export interface Learning {
  /** Which fold it is, from 0. */
  readonly number: number;
  readonly checkpoint: Checkpoint;
  readonly signal: AbortSignal;
}

/** No run has another's, but for seeds that are far apart. */
function seedOf(seed: number, fold: number): number {
  return (FOLDS * seed + fold) % 2 ** 31;
}

/** A runtime of its own for each fold, so that none depends on what was before it. */
export async function runtimeOf(seed: number, fold: number): Promise<Runtime> {
  const rt = await createRuntime({ seed: seedOf(seed, fold) });
  await loadOperators(rt);
  return rt;
}

/** The network of the best epoch, by what is watched. */
export async function learn(rt: Runtime, fold: Fold, { seed, quick, resume }: Options, { number, checkpoint, signal }: Learning) {
  const cut = { streams: quick ? QUICK_STREAMS : STREAMS, length: quick ? QUICK_LENGTH : LENGTH, seed: seedOf(seed, number) };
  const epochs = quick ? 1 : EPOCHS;
  const [learned, watched] = [fold.learned, fold.watched].map((pieces) => pieces.map(lessonOf)) as [Lessons, Lessons];
  const events = learned.reduce((sum, { said }) => sum + said.length, 0);
  const model = new Composer(rt, { ...(quick ? QUICK_SIZES : SIZES), streams: cut.streams });
  const optimizer = new AdamW(model.parameters(), { lr: LR, weightDecay: 0.1 });
  const totalSteps = epochs * batchesPerPass(events, cut);
  await fit(model, {
    ...{ data: (epoch) => pass(learned, cut, epoch), validation: windowsOf(watched, quick ? QUICK_LENGTH : WATCHED) },
    ...{ loss: new CrossEntropyLoss(rt), optimizer, epochs, batchSize: cut.streams, clipNorm: 1, signal },
    ...{ schedule: new OneCycleLR(optimizer, { maxLr: LR, totalSteps, pctStart: 0.15 }), scheduleEvery: "step" },
    earlyStopping: { patience: epochs }, // never early, but the best epoch's weights
    checkpoint: { ...checkpoint, every: STEPS_BETWEEN_CHECKPOINTS },
    resume,
    callbacks: [{ onEpoch: () => model.forget() }, terminalReporter({ unit: "windows" })],
  });
  return model;
}

type Lessons = ReturnType<typeof lessonOf>[];

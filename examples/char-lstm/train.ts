/** The model's training: `fit` over the passes, until the last step or until someone stops it. */
import {
  Adam,
  type Callbacks,
  CosineAnnealingLR,
  CrossEntropyLoss,
  type FitOptions,
  fit,
  LinearLR,
  type Scheduler,
  SequentialLR,
} from "wasm-rnn";
import { batchesPerPass, windows } from "./data.js";
import type { CharModel } from "./model.js";
import type { Settings } from "./options.js";

/** A shorter memory of squared gradients than the usual 0.999: the run is short. (measured: 2.531 bits for 2.540, one seed) */
const BETAS = [0.9, 0.99] as const;

/** @param steps of the whole run, those before a resumed checkpoint included */
export type Training = Omit<Settings, "embed" | "hidden" | "layers"> & { readonly steps: number };

/** Trains until the last step. Aborting `stop` ends it earlier, after the step under way; either way a checkpoint is written first. */
export async function train(
  model: CharModel,
  tokens: Int32Array,
  training: Training,
  stop?: AbortSignal,
  options: Pick<FitOptions, "checkpoint" | "resume" | "callbacks"> = {},
): Promise<void> {
  using loss = new CrossEntropyLoss(model.runtime);
  using optimizer = new Adam(model.parameters(), { lr: training.lr, betas: BETAS });
  const own: Callbacks = {
    onProgress({ step }, run) {
      if (step === training.steps || stop?.aborted) run.stop(); // in the middle of a pass, mostly
    },
    onEpoch: () => model.forget(),
  };
  await fit(model, {
    ...options,
    data: (pass) => windows(tokens, training, pass),
    loss,
    optimizer,
    batchSize: training.batch,
    clipNorm: training.clip,
    schedule: scheduleOf(optimizer, training),
    scheduleEvery: "step",
    epochs: Math.ceil(training.steps / batchesPerPass(tokens.length, training)),
    callbacks: [own, ...[options.callbacks ?? []].flat()],
  });
}

/** Up along a line, then down along a cosine to a fiftieth. A checkpoint keeps the steps alone: a run may be given another end. */
function scheduleOf(optimizer: Adam, { lr, warmup, steps }: Training): Scheduler {
  const fall = () => new CosineAnnealingLR(optimizer, { tMax: Math.max(1, steps - warmup), etaMin: lr / 50 });
  const rise = () => new LinearLR(optimizer, { startFactor: 1 / (warmup + 1), totalIters: warmup });
  const schedule = warmup === 0 ? fall() : new SequentialLR(optimizer, [rise(), fall()], { milestones: [warmup] });
  return {
    step: () => schedule.step(),
    state: () => ({ count: schedule.count }),
    load({ count }: { count: number }) {
      while (schedule.count < count) schedule.step();
    },
  };
}

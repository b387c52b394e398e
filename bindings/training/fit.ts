/** The training loop. */
import type { ByName } from "../by-name.js";
import { performance } from "../host.js";
import type { Loss } from "../losses/loss.js";
import { Generator } from "../random.js";
import { runEpoch } from "./epoch.js";
import type { FitOptions, FitOptionsByName, History, HistoryByName } from "./fit-options.js";
import type { MetricChoice } from "./metrics.js";
import { resume } from "./resume.js";
import { freshRun, type Learn, type RunState } from "./run.js";
import { save, takeBest } from "./save.js";
import { type Settings, settingsOf } from "./settings.js";
import { learn } from "./step.js";
import type { TrainableByName } from "./trainable.js";
import { takeForTraining, zeroGradients } from "./trained.js";

/**
 * Trains a model on samples: the parameters of the optimizer, frozen ones left out. Afterwards the model is in `eval()` mode, ready for
 * use, and its gradients are zero. A batch in which nothing counts, all its targets being ignored or of weight 0, changes nothing.
 *
 * @example
 * const data = [{ x: Int32Array.of(3, 1, 4), y: 1 }, { x: Int32Array.of(1, 5), y: 0 }];
 * const { epochs } = await fit(model, { data, loss: new CrossEntropyLoss(rt), optimizer: new Adam(model.parameters()), epochs: 5 });
 * @returns what each epoch gave
 * @throws {ArgumentError} on options that it cannot take, as a source that cannot be gone through again where it must be, or an optimizer
 * that shares no parameter with the model; while another `fit` trains parameters of the model; on a sample that it cannot read; when nothing
 * counts in a whole epoch
 * @throws {ShapeError} @throws {DTypeError} when a sample does not fit the others or the model, by its place in the data
 * @throws {NonFiniteError} when the loss or a gradient is no longer finite: the parameters are those before that step
 * @throws {FormatError} when a checkpoint is damaged, or of another model
 * @throws {DisposedError} @throws {MemoryError}
 */
export async function fit<const Losses extends ByName<Loss>>(
  model: TrainableByName,
  options: FitOptionsByName<Losses>,
): Promise<HistoryByName<Losses>>;
export async function fit<const Choice extends MetricChoice>(model: TrainableByName, options: FitOptions<Choice>): Promise<History<Choice>>;
export async function fit(model: TrainableByName, options: FitOptions | FitOptionsByName): Promise<History> {
  return fitBy(() => learn, model, options);
}

/** @internal The same, with gradients from elsewhere. @param microBatch where batches are taken apart, the samples of a part */
export async function fitBy(
  learnBy: (settings: Settings) => Learn,
  model: TrainableByName,
  options: FitOptions | FitOptionsByName,
  microBatch?: number,
): Promise<History> {
  const settings = settingsOf(model, options, microBatch);
  const run = freshRun(settings, learnBy(settings));
  const { named, optimizer, callbacks } = run.settings;
  const giveBack = takeForTraining([...named.map(([, parameter]) => parameter), ...(optimizer.parameters ?? [])]);
  const errors: unknown[] = [];
  let history: History | undefined;
  try {
    history = await train(run);
  } catch (error) {
    errors.push(error);
  } finally {
    giveBack();
    run.settings.learned.frame.dispose();
  }
  for (const callback of callbacks) {
    try {
      await callback.onEnd?.();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0]; // the training's own goes before a callback's
  return history as History;
}

async function train(run: RunState): Promise<History> {
  const { settings } = run;
  settings.signal?.throwIfAborted();
  await resume(run);
  if (!run.resumedFrom) drawOrder(run);
  run.started = { at: performance.now(), seen: run.at.before + run.at.seen };
  try {
    const stopped = await runEpochs(run);
    const { best, reports, step } = run.at;
    const history: History = { epochs: reports, steps: step, stopped };
    if (settings.stopping && best) {
      takeBest(run);
      history.bestEpoch = best.epoch;
    }
    if (run.resumedFrom) history.resumedFrom = run.resumedFrom;
    settings.model.eval();
    return history;
  } catch (error) {
    leave(run);
    throw error;
  }
}

async function runEpochs(run: RunState): Promise<History["stopped"]> {
  const { epochs, checkpoint, signal } = run.settings;
  let early = isOutOfPatience(run);
  while (run.at.epoch < epochs && !early && !run.stopping) {
    await runEpoch(run);
    early = isOutOfPatience(run);
    if (checkpoint && (checkpoint.every === undefined || early || run.at.epoch === epochs || run.stopping || signal?.aborted))
      await save(run);
    signal?.throwIfAborted();
  }
  if (early) return "early";
  return run.at.epoch < epochs ? "callback" : "finished";
}

function isOutOfPatience({ settings: { stopping }, at }: RunState): boolean {
  return stopping !== undefined && at.worse >= stopping.patience;
}

/** Without a seed the model's own randomness goes on: another `fit` takes another order. */
function drawOrder({ settings, order, at }: RunState): void {
  const { seed, fixed, generators, model } = settings;
  if (seed === undefined && fixed.shuffle) order.state = new Generator((generators[0] ?? model.runtime.generator).bits()).state;
  at.order = order.state;
}

/** The model is for use; gradients of a step that was not taken are no one's. */
function leave({ settings, gradients }: RunState): void {
  try {
    settings.model.eval();
    if (gradients === "ours") zeroGradients(settings.optimizer, settings.named);
  } catch {
    // Something was disposed of on the way: the error under way says so.
  }
}

/** Training over a pool. */
import type { ByName } from "../by-name.js";
import { checkOptions, checkPositive } from "../checks.js";
import type { Loss } from "../losses/loss.js";
import { fitBy } from "../training/fit.js";
import type { FitOptions, FitOptionsByName, History, HistoryByName } from "../training/fit-options.js";
import type { MetricChoice } from "../training/metrics.js";
import type { TrainableByName } from "../training/trainable.js";
import { PoolLearner } from "./learn.js";
import { checkPool, type Pool } from "./pool.js";
import type { ModelModule } from "./travel.js";

/** What `fitParallel` takes beside the options of `fit`. */
export interface ParallelOptions {
  pool: Pool;
  /**
   * Samples of the parts that a batch is cut into, the last having what is left. The bits of a run depend on it, and on no number of workers. Smaller
   * parts share out better, larger ones compute faster. Default 8.
   */
  microBatch?: number;
  /** Of a model of one's own class: the module that makes it in every worker. */
  module?: ModelModule;
}

/**
 * Trains a model as `fit` does, the gradients of every batch being computed by the workers of a pool, and added here, part after part. A run has the same bits with
 * any number of workers, also where some end on the way. Dropout draws by the batch and the part, not by the worker. All that `fit` does beside gradients (the optimizer, validation, checkpoints,
 * callbacks) is done here, with this model.
 *
 * @example
 * await using pool = await createPool();
 * const { epochs } = await fitParallel(model, { data, loss, optimizer, epochs: 5, batchSize: 64, pool, microBatch: 8 });
 * @returns what each epoch gave
 * @throws {ArgumentError} as `fit`, and on a model with buffers, or one that workers cannot make
 * @throws {WorkerError} when workers end over one part again and again, which it names
 * @throws {DisposedError} also of the pool
 * @throws {ShapeError} @throws {DTypeError} @throws {NonFiniteError} @throws {FormatError} @throws {MemoryError} as `fit`
 */
export async function fitParallel<const Losses extends ByName<Loss>>(
  model: TrainableByName,
  options: FitOptionsByName<Losses> & ParallelOptions,
): Promise<HistoryByName<Losses>>;
export async function fitParallel<const Choice extends MetricChoice>(
  model: TrainableByName,
  options: FitOptions<Choice> & ParallelOptions,
): Promise<History<Choice>>;
export async function fitParallel(model: TrainableByName, options: (FitOptions | FitOptionsByName) & ParallelOptions): Promise<History> {
  const { pool: given, microBatch = 8, module, ...rest } = { ...options };
  const pool = checkPool(given);
  checkPositive("microBatch", microBatch);
  const checkedModule = module === undefined ? undefined : checkOptions(module, ["url", "options"], "module");
  let learner: PoolLearner | undefined;
  try {
    return await fitBy(
      (settings) => {
        learner = new PoolLearner(settings, pool, microBatch, checkedModule);
        return learner.learn;
      },
      model,
      rest as FitOptions,
      microBatch,
    );
  } finally {
    learner?.dispose();
  }
}

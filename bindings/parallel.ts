/**
 * Training, predictions, sweeps and cross-validation over a pool of workers.
 *
 * @module wasm-rnn/parallel
 */

export * from "./errors.js";
export { fitParallel, type ParallelOptions } from "./parallel/fit.js";
export { type CrossValidateOptions, type CrossValidation, crossValidate } from "./parallel/folds.js";
export { createPool, type Pool, type PoolOptions } from "./parallel/pool.js";
export { type PredictParallelOptions, predictParallel } from "./parallel/predict.js";
export {
  type Choice,
  choice,
  integer,
  logUniform,
  type NumberRange,
  type Range,
  type Setting,
  type SettingOf,
  type Settings,
  type SettingsOf,
  type Space,
  uniform,
} from "./parallel/space.js";
export { type SweepOptions, type SweepResult, sweep, type TrialOptions } from "./parallel/sweep.js";
export type { ThreadOptions } from "./parallel/threads.js";
export type { ModelModule } from "./parallel/travel.js";
export type { Fold, Trial, TrialContext, TrialModuleFunction, TrialResult } from "./parallel/trials.js";

/**
 * Training, predictions, sweeps and cross-validation over a pool of workers.
 *
 * @module wasm-rnn/parallel
 */

export * from "./errors.js";
export { fitParallel, type ParallelOptions } from "./parallel/fit.js";
export { createPool, type Pool, type PoolOptions } from "./parallel/pool.js";
export { type PredictParallelOptions, predictParallel } from "./parallel/predict.js";
export type { ThreadOptions } from "./parallel/threads.js";
export type { ModelModule } from "./parallel/travel.js";

/**
 * The runtime in a Worker, behind the same names with promises.
 *
 * @module wasm-rnn/worker
 */

export * from "./errors.js";
export {
  evaluate,
  fit,
  predict,
  type WorkerEvaluateOptions,
  type WorkerFitOptions,
  type WorkerPredictOptions,
  type WorkerSamples,
} from "./worker/calls.js";
export type { WorkerLike } from "./worker/connection.js";
export type {
  LayerData,
  Library,
  LossData,
  ModelData,
  OptimizerData,
  ScheduleData,
  WorkerModule,
  WorkerModuleFunction,
} from "./worker/descriptions.js";
export { beamSearch, generate, generateStream, type WorkerGenerateOptions, type WorkerGenerateStreamOptions } from "./worker/generation.js";
export { WorkerData, WorkerModel } from "./worker/model.js";
export type { Run } from "./worker/run.js";
export { createRuntime, WorkerRuntime, type WorkerRuntimeOptions } from "./worker/runtime.js";
export { WorkerStream } from "./worker/stream.js";

/** wasm-rnn/worker: the runtime in a Worker, behind the same names with promises. */

export * from "./errors.js";
export {
  beamSearch,
  evaluate,
  fit,
  generate,
  predict,
  type WorkerEvaluateOptions,
  type WorkerFitOptions,
  type WorkerGenerateOptions,
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
export { WorkerData, WorkerModel, WorkerStream } from "./worker/model.js";
export type { Run } from "./worker/run.js";
export { createRuntime, WorkerRuntime, type WorkerRuntimeOptions } from "./worker/runtime.js";

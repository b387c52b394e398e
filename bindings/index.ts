/**
 * wasm-rnn: recurrent networks at the speed of the hardware.
 *
 * @module wasm-rnn
 */

export { type Beam, type BeamOptions, beamSearch } from "./beam-search.js";
export type { BuildName } from "./builds.js";
export type { ByName } from "./by-name.js";
export type { Checkable, CheckableByName } from "./checkable.js";
export * from "./errors.js";
export { type GenerateOptions, type GenerateStreamOptions, generate, generateStream } from "./generate.js";
export { type GradcheckResult, gradcheck } from "./gradcheck.js";
export { Frame, type FrameBackwardOptions, type Recorded } from "./graph/frame.js";
export { type InitOptions, init } from "./init.js";
export type { ByteSource } from "./io/byte-source.js";
export {
  type LoadedArray,
  loadSafetensors,
  type NamedArray,
  type Savable,
  type SavedDType,
  type SaveOptions,
  saveSafetensors,
} from "./io/safetensors.js";
export { Dense, type DenseOptions } from "./layers/dense.js";
export { Dropout, type DropoutOptions } from "./layers/dropout.js";
export { Embedding, type EmbeddingOptions } from "./layers/embedding.js";
export type { Layer } from "./layers/layer.js";
export { LayerNorm, type LayerNormOptions } from "./layers/layer-norm.js";
export { ParameterTensor, type ParameterTensorOptions } from "./layers/parameter-tensor.js";
export type { ChainOptions, ForwardOptions, LayerOptions } from "./layers/passes.js";
export { LastStep, MaxPool, MeanPool, type PoolForwardOptions } from "./layers/pool.js";
export { GRU, type GRUOptions } from "./layers/recurrent/gru.js";
export { LSTM } from "./layers/recurrent/lstm.js";
export type { RecurrentBackwardOptions, RecurrentForwardOptions, RecurrentOptions, RecurrentState } from "./layers/recurrent/options.js";
export { RNN, type RNNOptions } from "./layers/recurrent/rnn.js";
export type { RecurrentStream } from "./layers/recurrent/stream.js";
export type { RowStream } from "./layers/row-stream.js";
export { Softmax } from "./layers/softmax.js";
export type { StreamStateCopy } from "./layers/stream-parts.js";
export { type LayerClass, type LoadModelOptions, loadModel, type ModelClass } from "./load-model.js";
export { loadWeights } from "./load-weights.js";
export { BCEWithLogitsLoss, type BCEWithLogitsLossOptions } from "./losses/bce-with-logits.js";
export { CrossEntropyLoss, type CrossEntropyLossOptions } from "./losses/cross-entropy.js";
export type { Loss, LossForwardOptions, LossOptions, LossResult } from "./losses/loss.js";
export { HuberLoss, type HuberLossOptions, L1Loss, MSELoss } from "./losses/regression.js";
export { Model, type ModelForwardOptions, type ModelForwardOptionsByName, type Part } from "./model.js";
export type { ModelStream } from "./model-stream.js";
export { Adagrad, type AdagradOptions } from "./optim/adagrad.js";
export { Adam, type AdamOptions, AdamW } from "./optim/adam.js";
export { clipGradNorm, clipGradValue } from "./optim/clip.js";
export type { Optimizer } from "./optim/optimizer.js";
export { RMSprop, type RMSpropOptions } from "./optim/rmsprop.js";
export {
  CosineAnnealingLR,
  type HasRate,
  LinearLR,
  OneCycleLR,
  type OneCycleOptions,
  type PlateauOptions,
  ReduceLROnPlateau,
  type Schedule,
  type ScheduleState,
  SequentialLR,
  StepLR,
} from "./optim/schedules/index.js";
export { SGD, type SGDOptions } from "./optim/sgd.js";
export type { OptimizerState } from "./optim/state.js";
export type { Parameter } from "./parameters.js";
export { Generator } from "./random.js";
export { createRuntime, createRuntimeSync, type Runtime } from "./runtime.js";
export type { RuntimeOptions, RuntimeSyncOptions } from "./runtime-options.js";
export { type SampleOptions, sample } from "./sampling.js";
export { Sequential } from "./sequential.js";
export type { Fitted, ScalerDescription } from "./series/fitted.js";
export type { Scaler } from "./series/scaler.js";
export { loadScaler, MinMaxScaler, Standardizer } from "./series/scalers.js";
export type { Scaled, Series } from "./series/table.js";
export { type Window, type WindowsOptions, windows } from "./series/windows.js";
export type { LoadStateDictOptions, LoadStateDictResult, StateDict } from "./state-dict.js";
export type { DType, FloatArray, FloatType, Tensor, TensorOptions, TypedArray } from "./tensor.js";
export type { Sample, SampleByName, Samples } from "./training/data.js";
export { fit } from "./training/fit.js";
export type {
  ByOutput,
  Callbacks,
  CheckpointOptions,
  EpochReport,
  Evaluation,
  EvaluationByName,
  FitOptions,
  FitOptionsByName,
  History,
  HistoryByName,
  Progress,
  Reported,
  Training,
} from "./training/fit-options.js";
export { type EvaluateOptions, type EvaluateOptionsByName, evaluate } from "./training/measure.js";
export type { Metric, MetricChoice, NamesOf } from "./training/metrics.js";
export type { CorpusMetric, OwnMetric, SampleArray } from "./training/own-metrics.js";
export { type Input, type Inputs, type Prediction, type PredictionOf, type PredictOptions, predict } from "./training/predict.js";
export type { Lengths, Scheduler, Stepper, Trainable, TrainableByName } from "./training/trainable.js";
export { loadBinary } from "./wasm.js";

/** wasm-rnn: recurrent networks at the speed of the hardware. */

export type { BuildName } from "./builds.js";
export * from "./errors.js";
export { loadSafetensors, type NamedArray, saveSafetensors } from "./io/safetensors.js";
export { Dense, type DenseOptions } from "./layers/dense.js";
export { Embedding, type EmbeddingOptions } from "./layers/embedding.js";
export { GRU, type GRUOptions } from "./layers/gru.js";
export type { BackwardOptions, ForwardOptions, Layer, LayerOptions } from "./layers/layer.js";
export { LSTM } from "./layers/lstm.js";
export type { RecurrentBackwardOptions, RecurrentForwardOptions, RecurrentOptions, RecurrentState } from "./layers/recurrent-options.js";
export type { RecurrentStream } from "./layers/recurrent-stream.js";
export { RNN, type RNNOptions } from "./layers/rnn.js";
export type { RowStream } from "./layers/row-stream.js";
export { Softmax } from "./layers/softmax.js";
export type { Tape } from "./layers/tape.js";
export { BCEWithLogitsLoss, type BCEWithLogitsLossOptions } from "./losses/bce-with-logits.js";
export { CrossEntropyLoss, type CrossEntropyLossOptions } from "./losses/cross-entropy.js";
export type { Loss, LossForwardOptions, LossOptions, LossResult } from "./losses/loss.js";
export { HuberLoss, type HuberLossOptions, L1Loss, MSELoss } from "./losses/regression.js";
export { Adam, clipGradNorm, type OptimizerState, SGD } from "./optim.js";
export type { Parameter } from "./parameters.js";
export { Generator } from "./random.js";
export { createRuntime, type Runtime, type RuntimeOptions } from "./runtime.js";
export type { DType, FloatArray, FloatType, Tensor, TypedArray } from "./tensor.js";

/**
 * wasm-rnn/keras: models of Keras and TensorFlow.js.
 *
 * @module wasm-rnn/keras
 */

export { kerasClasses } from "./keras/classes.js";
export { KerasModel } from "./keras/keras-model.js";
export { loadKeras } from "./keras/load-keras.js";
export type { GraphPlan, PartPlan, PlanOptions, PlanShape, Step } from "./keras/plan.js";
export { type ImportedModel, loadTFJS, type Shards } from "./keras/tfjs.js";

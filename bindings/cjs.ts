/** What require() gives, in one file: its entries share every class. */
export * as cells from "./cells.js";
export * as errors from "./errors.js";
export * as index from "./index.js";
export * as inspect from "./inspect.js";
export * as int8 from "./int8.js";
export * as keras from "./keras.js";
export * as notebook from "./notebook.js";
export * as numpy from "./numpy.js";
export * as onnx from "./onnx.js";
export * as ops from "./ops.js";
export * as parallel from "./parallel.js";
export * as pytorch from "./pytorch.js";
export * as sequence from "./sequence.js";
export * as worker from "./worker.js";

/**
 * wasm-rnn/onnx: networks of other tools, in the format that they share.
 *
 * @module wasm-rnn/onnx
 */

export type { ElementType } from "./onnx/element-types.js";
export { type ExportOnnxOptions, exportOnnx } from "./onnx/export/export.js";
export { type LoadOnnxOptions, loadOnnx } from "./onnx/load.js";
export type { Feeds } from "./onnx/plan.js";
export type { OnnxPort } from "./onnx/port.js";
export type { OnnxSession } from "./onnx/session.js";
export type { OnnxStream, OnnxStreamOptions } from "./onnx/stream.js";
export { type LoadOptions, loadOperators } from "./ops/load.js";

/**
 * wasm-rnn/inspect: what is in a file of weights or of a model, and what of it runs here.
 *
 * @module wasm-rnn/inspect
 */

export { arraysIn } from "./inspect/arrays.js";
export { type FileFormat, FORMAT_NAMES, fileFormat } from "./inspect/formats.js";
export { type ListedArray, listedIn } from "./inspect/listing.js";
export { modelIn } from "./inspect/models.js";
export { type Network, type NetworkArray, type NetworkNode, networkIn } from "./inspect/network.js";
export { valueShapes } from "./inspect/shapes.js";
export type { LoadedArray } from "./io/safetensors.js";
export type { Shards } from "./keras/tfjs.js";
export type { Feeds } from "./onnx/plan.js";
export type { OnnxPort } from "./onnx/port.js";

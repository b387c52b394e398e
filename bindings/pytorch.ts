/**
 * wasm-rnn/pytorch: weights of PyTorch, .pt and .pth.
 *
 * @module wasm-rnn/pytorch
 */

export type { LoadedArray } from "./io/safetensors.js";
export { type LoadPyTorchOptions, loadPyTorch } from "./pytorch/load.js";

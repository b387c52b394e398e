/**
 * wasm-rnn/numpy: arrays of NumPy, .npy and .npz, both ways.
 *
 * @module wasm-rnn/numpy
 */

export type { LoadedArray, NamedArray } from "./io/safetensors.js";
export { loadNpy, saveNpy } from "./numpy/npy.js";
export { loadNpz, saveNpz } from "./numpy/npz.js";

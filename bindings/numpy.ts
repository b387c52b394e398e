/**
 * wasm-rnn/numpy: arrays of NumPy, .npy and .npz, both ways.
 *
 * @module wasm-rnn/numpy
 */

export type { LoadedArray, NamedArray } from "./io/safetensors.js";
export { loadNpy, type SaveNpyOptions, saveNpy } from "./numpy/npy.js";
export { loadNpz, saveNpz } from "./numpy/npz.js";

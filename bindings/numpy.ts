/**
 * wasm-rnn/numpy: arrays of NumPy.
 *
 * @module wasm-rnn/numpy
 */

export {};

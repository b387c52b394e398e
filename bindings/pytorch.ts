/**
 * wasm-rnn/pytorch: weights of PyTorch.
 *
 * @module wasm-rnn/pytorch
 */

export {};

/**
 * wasm-rnn/onnx: networks of other tools, in the format that they share.
 *
 * @module wasm-rnn/onnx
 */

export {};

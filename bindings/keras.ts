/**
 * wasm-rnn/keras: models of Keras and TensorFlow.js.
 *
 * @module wasm-rnn/keras
 */

export {};

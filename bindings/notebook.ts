/**
 * wasm-rnn/notebook: the functions of the teaching notebook, by its names and in its shapes.
 *
 * @module wasm-rnn/notebook
 */
export * from "./notebook/functions.js";

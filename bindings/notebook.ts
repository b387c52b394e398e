/**
 * The entry `wasm-rnn/notebook`.
 *
 * @module wasm-rnn/notebook
 */
export * from "./notebook/functions.js";

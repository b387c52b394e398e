/**
 * wasm-rnn/cells: recurrent layers beyond RNN, LSTM and GRU.
 *
 * @module wasm-rnn/cells
 */

export { type LoadOptions, loadOperators } from "./ops/load.js";

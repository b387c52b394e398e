/**
 * wasm-rnn/cells: recurrent layers beyond RNN, LSTM and GRU.
 *
 * @module wasm-rnn/cells
 */

export { LSTMP, type LSTMPOptions } from "./cells/lstmp.js";
export { type LoadOptions, loadOperators } from "./ops/load.js";

/**
 * wasm-rnn/cells: recurrent layers beyond RNN, LSTM and GRU.
 *
 * @module wasm-rnn/cells
 */

export { LSTMP, type LSTMPOptions } from "./cells/lstmp.js";
export { MinGRU } from "./cells/min-gru.js";
export { MinLSTM } from "./cells/min-lstm.js";
export type { MinimalOptions } from "./cells/minimal.js";
export { type LoadOptions, loadOperators } from "./ops/load.js";

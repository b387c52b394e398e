/**
 * wasm-rnn/cells: recurrent layers beyond RNN, LSTM and GRU.
 *
 * @module wasm-rnn/cells
 */

export { GRUCell, type GRUCellOptions } from "./cells/gru-cell.js";
export { LSTMCell, type LSTMCellState } from "./cells/lstm-cell.js";
export { LSTMP, type LSTMPOptions } from "./cells/lstmp.js";
export { MinGRU } from "./cells/min-gru.js";
export { MinLSTM } from "./cells/min-lstm.js";
export type { MinimalOptions } from "./cells/minimal.js";
export type { RecurrentCellOptions } from "./cells/recurrent-cell.js";
export { RNNCell, type RNNCellOptions } from "./cells/rnn-cell.js";
export { ActivatedGRU, type ActivatedGRUOptions } from "./cells/scan/activated-gru.js";
export { ActivatedLSTM } from "./cells/scan/activated-lstm.js";
export { ActivatedRNN } from "./cells/scan/activated-rnn.js";
export type { ActivationName, ActivationOptions } from "./cells/scan/activations.js";
export type { CellDescription, CellState, CellSteps, ScanLayerOptions, ScanLayerState } from "./cells/scan/cell.js";
export { CoupledLSTM, type CoupledLSTMOptions } from "./cells/scan/coupled-lstm.js";
export { LayerNormGRU } from "./cells/scan/layer-norm-gru.js";
export { type LayerNormCellOptions, LayerNormLSTM } from "./cells/scan/layer-norm-lstm.js";
export type { CellPass } from "./cells/scan/pass.js";
export type { RecurrentDropoutOptions } from "./cells/scan/recurrent-dropout.js";
export { RecurrentDropoutGRU } from "./cells/scan/recurrent-dropout-gru.js";
export { RecurrentDropoutLSTM } from "./cells/scan/recurrent-dropout-lstm.js";
export { ScanLayer } from "./cells/scan/scan-layer.js";
export type { ScanLayerStream } from "./cells/scan/stream.js";
export { ZoneoutGRU, type ZoneoutGRUOptions } from "./cells/scan/zoneout-gru.js";
export { ZoneoutLSTM, type ZoneoutLSTMOptions } from "./cells/scan/zoneout-lstm.js";
export { type LoadOptions, loadOperators } from "./ops/load.js";

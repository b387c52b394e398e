/**
 * wasm-rnn/sequence: losses, decoders, attention and metrics of sequences.
 *
 * @module wasm-rnn/sequence
 */

export { type LoadOptions, loadOperators } from "./ops/load.js";
export { type CTCForwardOptions, CTCLoss, type CTCLossOptions } from "./sequence/ctc-loss.js";

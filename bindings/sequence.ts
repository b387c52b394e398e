/**
 * wasm-rnn/sequence: losses, decoders, attention and metrics of sequences.
 *
 * @module wasm-rnn/sequence
 */

export { type LoadOptions, loadOperators } from "./ops/load.js";
export { type CTCBeamOptions, CTCBeamStream, type CTCBeamStreamOptions, type CTCHypothesis, ctcBeam } from "./sequence/ctc-beam.js";
export type { CTCLogits } from "./sequence/ctc-frames.js";
export { type CTCGreedyOptions, CTCGreedyStream, ctcGreedy } from "./sequence/ctc-greedy.js";
export { type CTCForwardOptions, CTCLoss, type CTCLossOptions } from "./sequence/ctc-loss.js";

/**
 * wasm-rnn/sequence: losses, decoders, attention and metrics of sequences.
 *
 * @module wasm-rnn/sequence
 */

export { type LoadOptions, loadOperators } from "./ops/load.js";
export { bioConstraints, type CRFConstraints } from "./sequence/constraints.js";
export { CRF, type CRFOptions } from "./sequence/crf.js";
export { CRFLoss, type CRFLossOptions } from "./sequence/crf-loss.js";
export type { CRFDecodeOptions, Decoded, SampleEmissions } from "./sequence/emissions.js";

/**
 * wasm-rnn/sequence: losses, decoders, attention and metrics of sequences.
 *
 * @module wasm-rnn/sequence
 */

export { type LoadOptions, loadOperators } from "./ops/load.js";
export type { Attended } from "./sequence/attend.js";
export type { Attending, AttentionMemory, AttentionStepOptions, MemoryOptions } from "./sequence/attending.js";
export { Attention, type AttentionOptions, type Score } from "./sequence/attention.js";
export type { AttentionForwardOptions, AttentionInputs } from "./sequence/attention-inputs.js";
export { bioConstraints, type CRFConstraints } from "./sequence/constraints.js";
export { CRF, type CRFOptions } from "./sequence/crf.js";
export { CRFLoss, type CRFLossOptions } from "./sequence/crf-loss.js";
export { type CTCForwardOptions, CTCLoss, type CTCLossOptions } from "./sequence/ctc-loss.js";
export type { CRFDecodeOptions, Decoded, SampleEmissions } from "./sequence/emissions.js";
export { MultiHeadAttention, type MultiHeadAttentionOptions } from "./sequence/multi-head-attention.js";

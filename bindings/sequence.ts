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
export { MultiHeadAttention, type MultiHeadAttentionOptions } from "./sequence/multi-head-attention.js";
export { RecurrentEncoder, type RecurrentEncoderOptions, type SourceEncoder } from "./sequence/recurrent-encoder.js";
export type { ScheduledSampling } from "./sequence/scheduled-sampling.js";
export { Seq2Seq, type Seq2SeqStreamOptions } from "./sequence/seq2seq.js";
export type { BeamDecodingOptions, DecodedBeam } from "./sequence/seq2seq-beam.js";
export type { Pair, Seq2SeqSample } from "./sequence/seq2seq-data.js";
export type { Decoded, DecodedToken, DrawOptions, GreedyOptions } from "./sequence/seq2seq-draw.js";
export type { Seq2SeqOptions, Seq2SeqParts } from "./sequence/seq2seq-options.js";

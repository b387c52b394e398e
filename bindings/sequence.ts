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
export { type Bleu, type BleuOptions, bleu, type Translation } from "./sequence/bleu.js";
export { type Chrf, type ChrfOptions, chrf } from "./sequence/chrf.js";
export { bioConstraints, type CRFConstraints } from "./sequence/constraints.js";
export { CRF, type CRFOptions } from "./sequence/crf.js";
export { CRFLoss, type CRFLossOptions } from "./sequence/crf-loss.js";
export { type CTCBeamOptions, CTCBeamStream, type CTCBeamStreamOptions, type CTCHypothesis, ctcBeam } from "./sequence/ctc-beam.js";
export type { CTCLogits, CTCSample } from "./sequence/ctc-frames.js";
export { type CTCGreedyOptions, CTCGreedyStream, ctcGreedy } from "./sequence/ctc-greedy.js";
export { type CTCForwardOptions, CTCLoss, type CTCLossOptions } from "./sequence/ctc-loss.js";
export type { DecodeOptions } from "./sequence/decoding.js";
export { type Edits, editDistance } from "./sequence/edit-distance.js";
export type { CRFDecodeOptions, DecodedTags, SampleEmissions } from "./sequence/emissions.js";
export { characterErrorRate, type ErrorRate, phoneErrorRate, type WordOptions, wordErrorRate } from "./sequence/error-rates.js";
export type { SequenceMetric } from "./sequence/metric.js";
export { MultiHeadAttention, type MultiHeadAttentionOptions } from "./sequence/multi-head-attention.js";
export { RecurrentEncoder, type RecurrentEncoderOptions, type SourceEncoder } from "./sequence/recurrent-encoder.js";
export type { ScheduledSampling } from "./sequence/scheduled-sampling.js";
export { Seq2Seq, type Seq2SeqStreamOptions } from "./sequence/seq2seq.js";
export type { BeamDecodingOptions, DecodedBeam } from "./sequence/seq2seq-beam.js";
export type { Pair, Seq2SeqSample } from "./sequence/seq2seq-data.js";
export type { Decoded, DecodedToken, DrawOptions, GreedyOptions } from "./sequence/seq2seq-draw.js";
export type { Seq2SeqOptions, Seq2SeqParts } from "./sequence/seq2seq-options.js";
export { type SpanOptions, type SpanScore, type SpanScores, spanF1, type Tagged } from "./sequence/span-f1.js";
export type { TextOptions } from "./sequence/text.js";
export type { ReferencePair, Token, Tokens } from "./sequence/tokens.js";

/**
 * wasm-rnn/sequence: metrics of sequences.
 *
 * @module wasm-rnn/sequence
 */

export { type Bleu, type BleuOptions, bleu, type Translation } from "./sequence/bleu.js";
export { type Chrf, type ChrfOptions, chrf } from "./sequence/chrf.js";
export type { DecodeOptions } from "./sequence/decoding.js";
export { type Edits, editDistance } from "./sequence/edit-distance.js";
export { characterErrorRate, type ErrorRate, phoneErrorRate, type WordOptions, wordErrorRate } from "./sequence/error-rates.js";
export type { SequenceMetric } from "./sequence/metric.js";
export { type SpanOptions, type SpanScore, type SpanScores, spanF1, type Tagged } from "./sequence/span-f1.js";
export type { TextOptions } from "./sequence/text.js";
export type { Pair, Token, Tokens } from "./sequence/tokens.js";

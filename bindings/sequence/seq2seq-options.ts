/** What a Seq2Seq is made of. */
import { checkBoolean, checkIndex, checkNumber, checkOneOf, checkPositive, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { checkConstruction, dtypeOf } from "../layers/doors.js";
import type { LayerOptions } from "../layers/passes.js";
import type { Runtime } from "../runtime.js";
import type { FloatType } from "../tensor.js";
import type { Score } from "./attention.js";
import type { SourceEncoder } from "./recurrent-encoder.js";
import { checkSampling, type ScheduledSampling } from "./scheduled-sampling.js";

/** Options of Seq2Seq. */
export interface Seq2SeqOptions extends LayerOptions {
  /** Tokens of the source language. Of an encoder of your own: of what it reads. */
  sourceVocabularySize: number;
  /** Tokens of the target language, those that begin and end a sequence among them. */
  targetVocabularySize: number;
  /** Features of an embedded token. */
  embeddingDim: number;
  /** Hidden units of a layer; of the encoder for each direction. */
  hiddenSize: number;
  /** The target's token that each sequence begins with: what the decoder is fed first. */
  bos: number;
  /** The target's token that ends a sequence. */
  eos: number;
  /** Of encoder and decoder. Default `"gru"`. */
  cell?: "gru" | "lstm";
  /** Layers of the encoder. Default 1. */
  numLayers?: number;
  /** Layers of the decoder. Default: numLayers. */
  decoderLayers?: number;
  /** Whether the encoder reads in both directions. Default true. */
  bidirectional?: boolean;
  /** How keys are scored; `"none"`: the decoder knows the source by its initial state alone. Default `"general"`. */
  attention?: Score | "none";
  /**
   * `"luong"`: the decoder's new state asks, and what it gets goes to the output. `"bahdanau"`: the state before asks, and what it gets goes into the
   * cell, too. Default `"luong"`.
   */
  style?: "luong" | "bahdanau";
  /** Whether, in Luong's style, the last attentional vector goes into the cell beside the token. Without, a whole target is learned at once. Default true. */
  inputFeeding?: boolean;
  /** Of embedded tokens, between layers, and of what the head reads, while training. Default 0. */
  dropout?: number;
  /** Feeds the decoder what it says itself, now and then, while it learns. Default: never. Source: Bengio et al., arXiv:1506.03099. */
  scheduledSampling?: ScheduledSampling;
}

/** Parts of your own. */
export interface Seq2SeqParts {
  /** In the place of an embedding and a GRU or LSTM: from tokens to outputs and a last state. Options of theirs are not looked at then. */
  encoder?: SourceEncoder;
}

const OPTIONS = [
  ...["sourceVocabularySize", "targetVocabularySize", "embeddingDim", "hiddenSize", "bos", "eos", "cell", "numLayers", "decoderLayers"],
  ...["bidirectional", "attention", "style", "inputFeeding", "dropout", "scheduledSampling", "generator"],
];

/** @internal All of them, for JSON; the generator goes its own way. */
export type Settled = Required<Omit<Seq2SeqOptions, "generator" | "scheduledSampling" | "dtype">> & {
  readonly dtype: FloatType;
  readonly scheduledSampling?: Required<ScheduledSampling>;
};

/** @internal @throws {ArgumentError} @throws {DisposedError} */
export function settle(runtime: Runtime, options: Seq2SeqOptions): { settled: Settled; drawn: LayerOptions } {
  const given = checkConstruction(runtime, options, OPTIONS);
  const { cell = "gru", numLayers = 1, decoderLayers = numLayers, bidirectional = true, dropout = 0 } = given;
  const { attention = "general", style = "luong", scheduledSampling, generator } = given;
  const { inputFeeding = style === "luong" && attention !== "none" } = given;
  checkOneOf("cell", cell, ["gru", "lstm"]);
  checkOneOf("attention", attention, ["dot", "general", "additive", "none"]);
  checkOneOf("style", style, ["luong", "bahdanau"]);
  for (const [name, value] of Object.entries({ bidirectional, inputFeeding })) checkBoolean(name, value);
  if (inputFeeding && (style !== "luong" || attention === "none"))
    throw new ArgumentError("inputFeeding", "false, but for attention in Luong's style", show(inputFeeding));
  checkNumber("dropout", dropout, 0, 1);
  const sourceVocabularySize = checkPositive("sourceVocabularySize", given.sourceVocabularySize);
  const targetVocabularySize = checkPositive("targetVocabularySize", given.targetVocabularySize);
  const settled: Settled = {
    ...{ sourceVocabularySize, targetVocabularySize },
    embeddingDim: checkPositive("embeddingDim", given.embeddingDim),
    hiddenSize: checkPositive("hiddenSize", given.hiddenSize),
    bos: checkIndex("bos", given.bos, targetVocabularySize),
    eos: checkIndex("eos", given.eos, targetVocabularySize),
    ...{ cell, numLayers: checkPositive("numLayers", numLayers), decoderLayers: checkPositive("decoderLayers", decoderLayers) },
    ...{ bidirectional, attention, style, inputFeeding, dropout, dtype: dtypeOf(runtime, given) },
    ...(scheduledSampling !== undefined && { scheduledSampling: checkSampling(scheduledSampling) }),
  };
  return { settled, drawn: { dtype: settled.dtype, ...(generator && { generator }) } };
}

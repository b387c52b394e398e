/** An encoder that reads in both directions, and a decoder that looks back at what it read. */
import { CrossEntropyLoss, type Runtime } from "wasm-rnn";
import { Seq2Seq } from "wasm-rnn/sequence";
import { BOS, EOS, type Subwords } from "./subwords.js";
import type { Pair } from "./tidy.js";

export interface Languages {
  readonly en: Subwords;
  readonly de: Subwords;
}

/** Embeddings begin small: of the standard normal distribution, they would drown out at first what is learned. */
const SPREAD = 0.1;

export interface Sizes {
  readonly hidden: number;
  readonly embedding: number;
}

export function build(rt: Runtime, { en, de }: Languages, { hidden, embedding }: Sizes): Seq2Seq {
  const model = new Seq2Seq(rt, {
    ...{ sourceVocabularySize: en.tokens.length, targetVocabularySize: de.tokens.length, bos: BOS, eos: EOS },
    ...{ embeddingDim: embedding, hiddenSize: hidden, dropout: 0.2 },
    inputFeeding: false, // a whole target is learned at once
  });
  for (const [name, parameter] of model.namedParameters()) {
    if (name.endsWith("embedding.weight")) parameter.set(parameter.toArray().map((value) => SPREAD * value));
  }
  return model;
}

/** Some of the likelihood goes to all other tokens, so that it does not grow too sure of itself: there are many ways to say it. */
export function lossOf(rt: Runtime): CrossEntropyLoss {
  return new CrossEntropyLoss(rt, { labelSmoothing: 0.1 });
}

/** What the encoder reads: it sees where the text ends. */
export function sourceOf({ en }: Languages, text: string): number[] {
  return [...en.encode(text), EOS];
}

export function samplesOf(model: Seq2Seq, languages: Languages, pairs: readonly Pair[]) {
  return model.samples(pairs.map(({ en, de }) => ({ source: sourceOf(languages, en), target: languages.de.encode(de) })));
}

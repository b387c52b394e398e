/** An encoder that reads in both directions, and a decoder that looks back at what it read. */
import { CrossEntropyLoss, type Runtime } from "wasm-rnn";
import { Seq2Seq, type Seq2SeqOptions } from "wasm-rnn/sequence";
import type { Lexicon } from "./lexicon.js";
import { type Names, withMarks } from "./names.js";
import { Reader } from "./reader.js";
import { BOS, EOS, type Subwords } from "./subwords.js";
import type { Pair } from "./tidy.js";

export interface Languages {
  readonly en: Subwords;
  readonly de: Subwords;
  readonly names: Names;
  readonly words: Lexicon;
}

/** Embeddings begin small: of the standard normal distribution, they would drown out at first what is learned. */
const SPREAD = 0.1;

export interface Sizes {
  readonly hidden: number;
  readonly embedding: number;
}

/** With a reader of its own. It has a name, by which a file is read again. */
export class TranslationModel extends Seq2Seq {
  static override readonly name = "TranslationModel";
  readonly options: Seq2SeqOptions;

  constructor(rt: Runtime, options: Seq2SeqOptions) {
    const { sourceVocabularySize: vocabularySize, embeddingDim, hiddenSize, dropout = 0 } = options;
    super(rt, options, { encoder: new Reader(rt, { vocabularySize, embeddingDim, hiddenSize, dropout }) });
    this.options = options;
  }

  /** Whether it reads and says the subwords of these. */
  isOf({ en, de }: Languages): boolean {
    const { sourceVocabularySize, targetVocabularySize, bos, eos } = this.options;
    return sourceVocabularySize === en.tokens.length && targetVocabularySize === de.tokens.length && bos === BOS && eos === EOS;
  }
}

export function build(rt: Runtime, { en, de }: Languages, { hidden, embedding }: Sizes): TranslationModel {
  const model = new TranslationModel(rt, {
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
export function sourceOf({ en, names }: Languages, text: string): number[] {
  return [...en.encode(withMarks(text, names.of(text))), EOS];
}

export function samplesOf(model: Seq2Seq, languages: Languages, pairs: readonly Pair[]) {
  const { en, de, names } = languages;
  const marked = pairs.map((pair) => names.marked(pair));
  return model.samples(marked.map((pair) => ({ source: [...en.encode(pair.en), EOS], target: de.encode(pair.de) })));
}

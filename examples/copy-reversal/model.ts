/** The same encoder and decoder, with attention or without. */
import type { Runtime } from "wasm-rnn";
import { Seq2Seq } from "wasm-rnn/sequence";

export const KINDS = ["with attention", "without"] as const;
export type Kind = (typeof KINDS)[number];

/** Two tokens beside the symbols: what each target begins and ends with. */
export function build(rt: Runtime, kind: Kind, { symbols, hidden }: { symbols: number; hidden: number }): Seq2Seq {
  return new Seq2Seq(rt, {
    sourceVocabularySize: symbols,
    targetVocabularySize: symbols + 2,
    bos: symbols,
    eos: symbols + 1,
    embeddingDim: hidden / 2,
    hiddenSize: hidden,
    attention: kind === "without" ? "none" : "general",
  });
}

/** The layers of a Seq2Seq. */
import { checkOptions, checkPositive, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { Dense } from "../layers/dense.js";
import { Dropout } from "../layers/dropout.js";
import { Embedding } from "../layers/embedding.js";
import type { LayerOptions } from "../layers/passes.js";
import { Model } from "../model.js";
import type { Runtime } from "../runtime.js";
import { Attention } from "./attention.js";
import { together } from "./parts.js";
import { CELLS, RecurrentEncoder, type SourceEncoder } from "./recurrent-encoder.js";
import type { Seq2SeqLayers } from "./seq2seq-decoder.js";
import type { Seq2SeqParts, Settled } from "./seq2seq-options.js";

/** @internal @throws {ArgumentError} @throws {MemoryError} */
export function layersOf(
  runtime: Runtime,
  { settled, drawn }: { settled: Settled; drawn: LayerOptions },
  parts: Seq2SeqParts,
): Seq2SeqLayers {
  const { encoder } = checkOptions(parts, ["encoder"], "parts");
  const { hiddenSize: H, embeddingDim: E, cell, decoderLayers: numLayers, attention: score, dropout } = settled;
  return together((own) => {
    const dense = (inputSize: number, outputSize: number, bias = true) =>
      own(new Dense(runtime, { ...drawn, inputSize, outputSize, bias }));
    const source = encoder === undefined ? own(encoderOf(runtime, settled, drawn)) : checkEncoder(encoder);
    const beside = settled.inputFeeding ? H : score !== "none" && settled.style === "bahdanau" ? source.outputSize : 0;
    return {
      encoder: source,
      bridge: dense(source.stateSize, numLayers * H * (cell === "lstm" ? 2 : 1)),
      embedding: own(new Embedding(runtime, { ...drawn, numEmbeddings: settled.targetVocabularySize, embeddingDim: E })),
      dropout: own(new Dropout(runtime, { ...drawn, p: dropout })),
      decoder: own(new CELLS[cell](runtime, { ...drawn, inputSize: E + beside, hiddenSize: H, numLayers, dropout })),
      ...(score !== "none" && {
        attention: own(new Attention(runtime, { ...drawn, querySize: H, keySize: source.outputSize, score })),
        combine: dense(source.outputSize + H, H, false),
      }),
      head: dense(H, settled.targetVocabularySize),
    };
  });
}

function encoderOf(runtime: Runtime, settled: Settled, drawn: object): RecurrentEncoder {
  const { sourceVocabularySize: vocabularySize, embeddingDim, hiddenSize, cell, numLayers, bidirectional, dropout } = settled;
  return new RecurrentEncoder(runtime, { ...drawn, vocabularySize, embeddingDim, hiddenSize, cell, numLayers, bidirectional, dropout });
}

/** @throws {ArgumentError} */
function checkEncoder(encoder: unknown): SourceEncoder {
  if (!(encoder instanceof Model)) throw new ArgumentError("parts.encoder", "a model", show(encoder));
  for (const name of ["outputSize", "stateSize"] as const) checkPositive(`parts.encoder.${name}`, (encoder as SourceEncoder)[name]);
  return encoder as SourceEncoder;
}

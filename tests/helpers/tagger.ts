/** A small tagger with dropout in a layer and between layers, which shows a mode that was left, and sentences of different lengths for it. */
import { Dense, Dropout, Embedding, Generator, GRU, type Runtime, type Sample, Sequential } from "../../bindings/index.js";

/** Tokens below 5, and twice each modulo 5. */
export function samples(count: number): Sample[] {
  const random = new Generator(6);
  return Array.from({ length: count }, () => {
    const x = Int32Array.from({ length: 2 + random.integer(3) }, () => random.integer(5));
    return { x, y: x.map((token) => (token * 2) % 5) };
  });
}

export function tagger(rt: Runtime): Sequential {
  const generator = new Generator(9);
  return new Sequential(rt, {
    embedding: new Embedding(rt, { numEmbeddings: 5, embeddingDim: 3, generator }),
    gru: new GRU(rt, { inputSize: 3, hiddenSize: 4, numLayers: 2, dropout: 0.4, generator }),
    dropout: new Dropout(rt, { p: 0.5, generator }),
    head: new Dense(rt, { inputSize: 4, outputSize: 5, generator }),
  });
}

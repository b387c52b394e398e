/** Embedding → bidirectional LSTM → maximum over time → two classes. */
import { Dense, Dropout, Embedding, LSTM, MaxPool, type Runtime, Sequential } from "wasm-rnn";
import { PADDING } from "./data.js";

const WIDTH = 32;

export function build(rt: Runtime, vocabulary: number, hiddenSize: number): Sequential {
  return new Sequential(rt, {
    embedding: new Embedding(rt, { numEmbeddings: vocabulary, embeddingDim: WIDTH, paddingIdx: PADDING }),
    drop: new Dropout(rt, { p: 0.5 }),
    lstm: new LSTM(rt, { inputSize: WIDTH, hiddenSize, bidirectional: true }),
    pool: new MaxPool(rt),
    dropout: new Dropout(rt, { p: 0.5 }),
    head: new Dense(rt, { inputSize: 2 * hiddenSize, outputSize: 2 }),
  });
}

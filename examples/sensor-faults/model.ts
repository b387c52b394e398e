/** A GRU that says of every reading whether it is faulty. */
import { Dense, GRU, type Runtime, Sequential } from "wasm-rnn";
import { FEATURES } from "./data.js";

export function build(rt: Runtime, hiddenSize: number): Sequential {
  return new Sequential(rt, {
    gru: new GRU(rt, { inputSize: FEATURES, hiddenSize }),
    head: new Dense(rt, { inputSize: hiddenSize, outputSize: 1 }),
  });
}

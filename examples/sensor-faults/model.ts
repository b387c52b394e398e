/** Two detectors that say of every reading whether it is faulty: one with a memory, and one that sees the same numbers and has none. */
import { Dense, GRU, type Runtime, Sequential } from "wasm-rnn";
import { FEATURES } from "./features.js";

export const KINDS = ["GRU", "logistic regression"] as const;
export type Kind = (typeof KINDS)[number];

const UNITS = 12;

export function build(rt: Runtime, kind: Kind, hiddenSize = UNITS): Sequential {
  if (kind !== "GRU") return new Sequential(rt, { head: new Dense(rt, { inputSize: FEATURES, outputSize: 1 }) });
  return new Sequential(rt, {
    gru: new GRU(rt, { inputSize: FEATURES, hiddenSize }),
    head: new Dense(rt, { inputSize: hiddenSize, outputSize: 1 }),
  });
}

/** A GRU over the days seen → tomorrow's maximum, all numbers scaled. */
import { Dense, Dropout, GRU, LastStep, type Runtime, Sequential } from "wasm-rnn";
import { FEATURES } from "./data.js";

const UNITS = 32;

export function build(rt: Runtime): Sequential {
  return new Sequential(rt, {
    gru: new GRU(rt, { inputSize: FEATURES, hiddenSize: UNITS }),
    last: new LastStep(rt),
    dropout: new Dropout(rt, { p: 0.2 }),
    head: new Dense(rt, { inputSize: UNITS, outputSize: 1 }),
  });
}

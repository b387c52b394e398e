/** Steps of log-mel energies → two GRUs that know only what was → at every step a class for each symbol, or the blank. */
import { Dense, Dropout, GRU, type Runtime, Sequential } from "wasm-rnn";
import { FEATURES } from "./features.js";

/** @param classes the blank among them */
export function build(rt: Runtime, classes: number, units = 160): Sequential {
  return new Sequential(rt, {
    lower: new GRU(rt, { inputSize: FEATURES, hiddenSize: units }),
    lowerDropout: new Dropout(rt, { p: 0.2 }),
    upper: new GRU(rt, { inputSize: units, hiddenSize: units }),
    upperDropout: new Dropout(rt, { p: 0.2 }),
    head: new Dense(rt, { inputSize: units, outputSize: classes }),
  });
}

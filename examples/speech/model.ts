/** Steps of log-mel energies → two GRUs that know only what was → at every step a class for each symbol, or the blank. */
import { Dense, Dropout, GRU, Model, type ModelForwardOptions, type Runtime, Sequential, type Tensor } from "wasm-rnn";
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

/**
 * The network as it learns, from two losses at once: whether the string is right (CTC), and whether a symbol is said when it has ended, which is known of
 * joined recordings. By CTC alone it says nothing for thousands of steps, and then learns slowly what belongs to what.
 */
export class Learner extends Model<{ network: Sequential }> {
  constructor(rt: Runtime, network: Sequential) {
    super(rt, { network });
  }

  override forward(x: Tensor, { lengths }: ModelForwardOptions = {}): { string: Tensor; steps: Tensor } {
    const y = this.layers.network.forward(x, { lengths });
    return { string: y, steps: y };
  }
}

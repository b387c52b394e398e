/** A model that predicts what it sees: predictions are then whatever a test says. */
import type { Runtime, Tensor, Trainable } from "../../bindings/index.js";

export function echo(runtime: Runtime, more: Partial<Trainable> = {}): Trainable {
  return {
    ...{ runtime, forward: (x: Tensor) => x, backward: () => null, namedParameters: () => [] },
    ...{ train: () => {}, eval: () => {}, ...more },
  };
}

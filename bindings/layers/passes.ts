/** Options of layers and of their passes, and what a backward pass is before it runs. */
import type { Generator } from "../random.js";
import type { FloatType } from "../tensor.js";
import type { Tape } from "./tape.js";

/** Options that every layer takes. */
export interface LayerOptions {
  /** Element type of parameters and results; default: the runtime's. */
  dtype?: FloatType;
  /** Where the initial weights are drawn from; default: the runtime's generator. */
  generator?: Generator;
}

/** Options of a forward pass. */
export interface ForwardOptions {
  /** A tape of `layer.tape()` to record on; `false` records nothing (inference: less memory, no backward). */
  tape?: Tape | false;
}

/** Options of a backward pass. */
export interface BackwardOptions {
  /** The tape that the forward recorded on; default: the layer's own. */
  tape?: Tape;
}

/** Options of a backward pass that may leave ∂L/∂x out. */
export interface ChainOptions extends BackwardOptions {
  /** `false`: ∂L/∂x is not needed. Default true. */
  dX?: boolean | undefined;
}

/** @internal A backward pass with all its memory taken: running it cannot fail, so that gradients are added whole or not at all. */
export interface BackwardPlan<Result> {
  /** What it will give: addresses are known, contents come with `run`. */
  readonly result: Result;
  run(): void;
}

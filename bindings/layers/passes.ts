/** Options of layers and of their passes, and what a backward pass is before it runs. */
import type { Generator } from "../random.js";
import type { FloatType } from "../tensor.js";

/** Options that every layer takes. */
export interface LayerOptions {
  /** Element type of parameters and results; default: the runtime's. */
  dtype?: FloatType;
  /** Where the initial weights are drawn from; default: the runtime's generator. */
  generator?: Generator;
}

/** Options of a forward pass: of most layers none. */
export type ForwardOptions = Record<string, never>;

/** Options of a backward pass that may leave ∂L/∂x out. */
export interface ChainOptions {
  /** `false`: ∂L/∂x is not needed. Default true. */
  dX?: boolean | undefined;
}

/** @internal A backward pass with all its memory taken: running it cannot fail. */
export interface BackwardPlan {
  /** Address of ∂L/∂x, whose contents come with `run`; 0 where there is none. */
  readonly dX: number;
  run(): void;
}

/** What can be trained, and by what. */
import type { ByName } from "../by-name.js";
import type { Parameter } from "../parameters.js";
import type { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";

/** Steps of each of the N sequences of a padded batch. */
export type Lengths = ArrayLike<number>;

/** What can be trained, of one or several inputs and outputs: a `Sequential`, a `Model` of your own, or any object with these. */
export interface TrainableByName {
  readonly runtime: Runtime;
  /**
   * Whether batches are [N, T, …]: then it is given such, marked as such. Default: what the recurrent layers among `namedLayers()` say,
   * else false.
   */
  readonly batchFirst?: boolean | undefined;
  /**
   * The prediction, [N, …] or one for every step, [T, N, …] (batch-first [N, T, …]), made by layers and operators: the gradients come from that.
   * Where samples have several inputs, x has a tensor for each by its name, and lengths likewise: those of an input whose sequences differ in
   * length. Several predictions by name go with losses by name.
   */
  forward(x: Tensor | ByName<Tensor>, options?: { lengths?: Lengths | ByName<Lengths | undefined> | undefined }): Tensor | ByName<Tensor>;
  /** What is learned. */
  namedParameters(): [string, Parameter][];
  /**
   * What it keeps from batch to batch beside the parameters, such as a state that is carried on: a checkpoint holds it, a resumed run gets
   * it back, and `evaluate` leaves it as it was.
   */
  namedBuffers?(): [string, Tensor][];
  /** Dropout on. */
  train(): unknown;
  /** Dropout off. */
  eval(): unknown;
}

/** What can be trained, of one input and one output. */
export interface Trainable extends TrainableByName {
  /** The prediction for a batch, [T, N, …] (batch-first [N, T, …]): [N, …], or one for every step. */
  forward(x: Tensor, options?: { lengths?: Lengths }): Tensor;
}

/** An optimizer of this package, or one of your own. */
export interface Stepper {
  lr: number;
  /** What it trains; default: all parameters of the model. */
  readonly parameters?: readonly Parameter[];
  /** Changes the parameters by their gradients. */
  step(): void;
  /** Sets the gradients to zero. */
  zeroGrad(): void;
  /** All that the next steps depend on. */
  state(): { readonly tensors: Readonly<Record<string, ArrayLike<number>>> };
  /** Continues from a state. */
  load(state: never): void;
  /** Throws where `load` would, and changes nothing: lets `fit` look at everything before it changes anything. */
  check?(state: never): void;
}

/** A learning-rate schedule. */
export interface Scheduler {
  /** Sets the next rate. */
  step(metric?: number): void;
  /** All that the next steps depend on, for JSON. */
  state(): unknown;
  /** Continues from a state. */
  load(state: never): void;
  /** Throws where `load` would, and changes nothing. */
  check?(state: never): void;
}

/** What an optimizer's state is made of. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { FloatArray } from "../tensor.js";
import { checkSteps } from "./moments.js";
import type { Stretch } from "./stretch.js";

/** Optimizer state outside linear memory: what a checkpoint stores. */
export interface OptimizerState {
  /** Name of the optimizer, such as "Adam". */
  readonly kind: string;
  readonly lr: number;
  /** Steps taken. */
  readonly step: number;
  /** Of each parameter, where some were frozen meanwhile: the steps that it took part in. */
  readonly steps?: readonly number[];
  /** μ, of Adam β₁, where a schedule has changed it. */
  readonly momentum?: number;
  readonly tensors: Readonly<Record<string, ArrayLike<number>>>;
}

/** @internal A state that fits, as a copy. */
export interface ReadState {
  readonly lr: number;
  readonly step: number;
  readonly steps: readonly number[];
  readonly momentum: number | undefined;
  readonly moments: ReadonlyMap<string, FloatArray>;
}

/** @internal The steps of what lies side by side. @throws {ArgumentError} */
export function readSteps(steps: unknown, step: number, trained: readonly Stretch[]): number[] {
  if (steps === undefined) return trained.map(() => step);
  const length = trained.reduce((count, { sizes }) => count + sizes.length, 0);
  if (!Array.isArray(steps) || steps.length !== length) throw new ArgumentError("state.steps", `${length} counts of steps`, show(steps));
  let i = 0;
  return trained.map(({ sizes }) => {
    const first = i;
    const counts = sizes.map(() => checkSteps(`state.steps[${i}]`, steps[i++], step));
    const other = counts.findIndex((count) => count !== counts[0]);
    if (other >= 0) throw new ArgumentError(`state.steps[${first + other}]`, `${counts[0]}, as of the same layer`, show(counts[other]));
    return counts[0] as number;
  });
}

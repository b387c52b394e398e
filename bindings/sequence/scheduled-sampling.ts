/** A decoder that is fed what it says itself, now and then, while it learns. */
import { checkNumber, checkOptions, checkPositive, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { Generator } from "../random.js";
import type { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";

/** How likely a decoder is fed its own likeliest token in the place of the target's, step by step and row by row. */
export interface ScheduledSampling {
  /** At first, in 0 … 1. Default 0. */
  from?: number;
  /** After so many training batches; in between the probability goes in a straight line. */
  steps: number;
  /** From then on, in 0 … 1. */
  to: number;
  /** Of the choice. Default 0. */
  seed?: number;
}

/**
 * @internal Counts training batches, and chooses: by the seed and the count alone, so that a run that is resumed, its count restored, chooses
 * as it would have done.
 */
export class Sampling {
  readonly #schedule: Required<ScheduledSampling>;
  /** Training batches so far, [1]: a model's buffer. */
  readonly batches: Tensor;

  /** @throws {ArgumentError} @throws {MemoryError} */
  constructor(runtime: Runtime, schedule: Required<ScheduledSampling>) {
    this.#schedule = schedule;
    this.batches = runtime.zeros([1], { dtype: "i32" });
  }

  /** Of the next training batch. */
  get probability(): number {
    const { from, to, steps } = this.#schedule;
    return from + (to - from) * Math.min(1, this.batches.at(0) / steps);
  }

  /** Begins a training batch. @returns asks, step after step and row after row; undefined where it would always say no */
  begin(): (() => boolean) | undefined {
    const { probability } = this;
    const count = this.batches.at(0);
    this.batches.set([Math.min(count + 1, 2 ** 31 - 1)]);
    if (probability <= 0) return undefined;
    const generator = new Generator((this.#schedule.seed + Math.imul(count, 0x9e3779b9)) | 0);
    return () => generator.uniform() < probability;
  }
}

/** @internal @throws {ArgumentError} */
export function checkSampling(given: unknown): Required<ScheduledSampling> {
  if (typeof given !== "object" || given === null) throw new ArgumentError("scheduledSampling", "{ from, to, steps }", show(given));
  const { from = 0, to, steps, seed = 0 } = checkOptions(given as ScheduledSampling, ["from", "to", "steps", "seed"], "scheduledSampling");
  for (const [name, value] of Object.entries({ from, to })) {
    if (!(checkNumber(name, value, 0) <= 1)) throw new ArgumentError(name, "a number in [0, 1]", show(value));
  }
  checkPositive("steps", steps);
  new Generator(seed); // checks it
  return { from, to, steps, seed };
}

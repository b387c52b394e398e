/** One token drawn from logits. */
import { checkNumber, checkOptions, checkPositive, readNumbers, show } from "./checks.js";
import { ArgumentError } from "./errors.js";
import { Generator } from "./random.js";

/** How a token is drawn. */
export interface SampleOptions {
  /** Logits are divided by it: below 1 safer, above 1 wilder; 0 takes the likeliest. Default 1. */
  temperature?: number;
  /** Only the k likeliest tokens are drawn. */
  topK?: number;
  /** Only the likeliest tokens that together reach this probability are drawn, in (0, 1]. Source: Holtzman et al., arXiv:1904.09751. */
  topP?: number;
  /** Default: for `sample`, a new one seeded at random; for `generate`, one seeded with 0, so that each call gives the same. */
  generator?: Generator;
}

/** @internal */
export const SAMPLE_OPTIONS = ["temperature", "topK", "topP", "generator"];

/**
 * Draws one token from softmax(logits / temperature), cut to the topK and then to the topP likeliest. Without a generator each call draws
 * anew; with `new Generator(seed)` kept over the calls, a seed repeats.
 *
 * @param logits C numbers; −∞ is never drawn @returns the token, 0 … C − 1
 * @throws {ArgumentError} on options it cannot take, on a logit that is NaN or +∞, and when none is finite
 *
 * @example
 * const token = sample([0.1, 2, 1.3], { temperature: 0.8, generator: new Generator(7) });
 */
export function sample(logits: ArrayLike<number>, options: SampleOptions = {}): number {
  return sampler(checkOptions(options, SAMPLE_OPTIONS), () => new Generator(Math.floor(Math.random() * 2 ** 32)))(readLogits(logits));
}

/** @internal @param fallback makes the generator where none is given @throws {ArgumentError} */
export function sampler(options: SampleOptions, fallback: () => Generator): (logits: Float64Array) => number {
  const { temperature = 1, topK, topP = 1, generator = fallback() } = options;
  checkNumber("temperature", temperature, 0);
  if (topK !== undefined) checkPositive("topK", topK);
  if (!(typeof topP === "number" && topP > 0 && topP <= 1)) throw new ArgumentError("topP", "a number in (0, 1]", show(topP));
  if (!(generator instanceof Generator)) throw new ArgumentError("generator", "a Generator", show(generator));
  return (logits) => {
    const kept = bestOf(logits, temperature === 0 ? 1 : (topK ?? logits.length));
    const [first] = kept as [number];
    if (temperature === 0) return first;
    const top = logits[first] as number;
    const weights = kept.map((i) => Math.exp(((logits[i] as number) - top) / temperature));
    const all = weights.reduce((a, b) => a + b, 0);
    let count = 0;
    for (let reached = 0; count < kept.length && (count === 0 || reached < topP * all); count++) reached += weights[count] as number;
    let rest = generator.uniform() * weights.slice(0, count).reduce((a, b) => a + b, 0);
    for (let i = 0; i < count; i++) {
      rest -= weights[i] as number;
      if (rest < 0) return kept[i] as number;
    }
    return first; // rounding has left a little: the likeliest, which is never of probability 0
  };
}

/** @internal A copy of logits that something can be drawn from. @throws {ArgumentError} */
export function readLogits(logits: ArrayLike<number>): Float64Array {
  const copy = readNumbers("logits", logits);
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < copy.length; i++) {
    const z = copy[i] as number;
    if (!(z < Number.POSITIVE_INFINITY)) throw new ArgumentError(`logits[${i}]`, "a number below ∞", show(z));
    if (z > top) top = z;
  }
  if (top === Number.NEGATIVE_INFINITY)
    throw new ArgumentError("logits", "one finite number or more", copy.length === 0 ? "none" : "-∞ alone");
  return copy;
}

/** Where fewer than one in so many are wanted, they are picked out; else all are sorted. */
const FEW = 8;

/** @internal The places of the `count` greatest values, greatest first; ties by the smaller place, so that the order is the same everywhere. */
export function bestOf(values: Float64Array, count: number): number[] {
  const at = (i: number) => values[i] as number;
  if (count * FEW >= values.length) {
    const order = Array.from(values, (_, i) => i);
    return order.sort((a, b) => at(b) - at(a) || a - b).slice(0, count);
  }
  const kept: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (kept.length === count && !(at(i) > at(kept[count - 1] as number))) continue;
    let [low, high] = [0, kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(kept[middle] as number) >= at(i)) low = middle + 1;
      else high = middle;
    }
    kept.splice(low, 0, i);
    if (kept.length > count) kept.pop();
  }
  return kept;
}

/** Weights of classes, of losses that take them. */
import { checkNumber, lengthOf, readNumbers, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { inDType } from "../fits.js";
import type { FloatType } from "../tensor.js";

/** Weights of classes: a copy. @throws {ArgumentError} unless there is one or more, none below 0, each of which the element type holds */
export function checkWeights(argument: string, weights: ArrayLike<number>, dtype: FloatType): readonly number[] {
  const length = lengthOf(weights);
  if (typeof length !== "number" || length === 0) throw new ArgumentError(argument, "a list of one number or more", show(weights));
  const copy = Array.from(readNumbers(argument, weights), (given, c) => {
    const weight = checkNumber(`${argument}[${c}]`, given, 0);
    const held = inDType(weight, dtype);
    if (Number.isFinite(held) && (held > 0 || weight === 0)) return weight;
    throw new ArgumentError(`${argument}[${c}]`, `a number that ${dtype} holds, neither too great nor too small`, show(given));
  });
  return Object.freeze(copy);
}

/** Numbers as an element type holds them: what is too great for f32 would be ∞ there, and ∞ times 0 NaN. */
import { checkNumber, show } from "./checks.js";
import { ArgumentError } from "./errors.js";
import type { FloatType } from "./tensor.js";

/** ∞ where the number is too great for the element type, 0 where it is too small. */
export function inDType(value: number, dtype: FloatType): number {
  return dtype === "f32" ? Math.fround(value) : value;
}

/** A number from 0 on that is finite in the element type. @throws {ArgumentError} */
export function checkFits(argument: string, given: unknown, dtype: FloatType): number {
  const value = checkNumber(argument, given, 0);
  if (Number.isFinite(inDType(value, dtype))) return value;
  throw new ArgumentError(argument, `a number that is finite in ${dtype}`, show(given));
}

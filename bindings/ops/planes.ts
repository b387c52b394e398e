/** What convolution and pooling of pictures have in common: options for rows and columns, and sizes. */
import { checkList, checkNumber, checkPositive, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import type { Call } from "./operator.js";

/** @internal Words for a kernel, put where it reads them. */
export function planAt({ runtime, slots }: Pick<Call, "runtime" | "slots">, words: readonly number[]): number {
  const ptr = slots.get("plan", 4 * words.length);
  runtime.view("i32", ptr, words.length).set(words);
  return ptr;
}

/** For rows and columns: one number for both, or [rows, columns]. */
export type Pair = number | readonly [rows: number, columns: number];

/** The greatest that an i32 holds. */
const MOST = 2 ** 31 - 1;

/** @internal @param least 0 or 1 @throws {ArgumentError} */
export function checkPair(argument: string, pair: unknown, least: 0 | 1): readonly [number, number] {
  const both = typeof pair === "number" ? [pair, pair] : checkList(argument, pair, 2, "a number, or one for rows and one for columns");
  if (both.length !== 2) throw new ArgumentError(argument, "a number, or one for rows and one for columns", show(pair));
  const [rows, columns] = both.map((value) => {
    if (least === 1) return checkPositive(argument, value, MOST);
    if (!Number.isInteger(checkNumber(argument, value, 0, MOST))) throw new ArgumentError(argument, "whole numbers", show(value));
    return value as number;
  });
  return [rows as number, columns as number];
}

/** @internal The four sizes of a batch of pictures. @throws {ShapeError} */
export function sizesOfPictures(argument: string, shape: readonly number[], expected: string): readonly [number, number, number, number] {
  if (shape.length !== 4) throw new ShapeError(argument, expected, show([...shape]));
  return shape as readonly [number, number, number, number];
}

/** @internal Places of a window along an axis of so many elements. @throws {ShapeError} when it is longer than they are, padding and all */
export function placesAlong(axis: "rows" | "columns", size: number, window: number, stride: number, padding: number): number {
  const span = size + 2 * padding - window;
  if (span < 0) throw new ShapeError("x", `${window} ${axis} or more, padding counted`, `${size + 2 * padding}`);
  return Math.floor(span / stride) + 1;
}

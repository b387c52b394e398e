/**
 * Operands that broadcast. A kernel sees R rows of C elements of the result; an operand's row stride is its number of elements a row, or 0 where
 * one row serves all, and its column stride 1, or 0 where one element serves a row. Such an element is laid out in a block of its own, which the loop
 * reads again and again: so one loop does for all.
 */
import { loadSplat, vstore } from "../vec";

/** Bytes that a loop takes from an operand at each turn: four vectors. */
// @ts-ignore: decorator
@inline export const BLOCK: usize = 64;

/** A block filled with one element. @returns its address */
export function spread<T extends number>(block: usize, element: usize): usize {
  const v = loadSplat<T>(element);
  vstore<T>(block, v);
  vstore<T>(block + 16, v);
  vstore<T>(block + 32, v);
  vstore<T>(block + 48, v);
  return block;
}

/**
 * Operators of three arrays that broadcast (grid.ts): a choice, and those gradients that need three.
 *
 *   y = a where c ≠ 0, else b; c is i32                                       (1)
 *   d = 0 where a < b, dy/2 where a = b, dy elsewhere                          (2)
 *   d = −(dy·a)/b                                                              (3)
 *
 * (2) is the maximum's gradient for a; with a and b in each other's place its gradient for b, and the minimum's for a. NaN on either side: dy,
 * as PyTorch has it. (3) with a = y = x/b is a quotient's gradient for b.
 */
import { both, HALF } from "../constants";
import { LANES, andnot, div, eq, lt, mul, select, vload, vloadPart, vstore, vstorePart } from "../vec";
import { CONDITION_BYTES, loadCondition, neg } from "../vec_mask";
import { BLOCK, spread } from "./grid";

// The numbers by which bindings/ops/where.ts and binary.ts name them.
// @ts-ignore: decorator
@inline const WHERE: i32 = 0;
// @ts-ignore: decorator
@inline const GREATER_PART: i32 = 1;
// @ts-ignore: decorator
@inline const QUOTIENT_PART: i32 = 2;

/** Bytes of the first operand's elements of one vector. */
// @ts-ignore: decorator
@inline function stepOf<T extends number>(op: i32): usize {
  return op == WHERE ? CONDITION_BYTES<T>() : 16;
}

// @ts-ignore: decorator
@inline function apply<T extends number>(op: i32, c: v128, a: v128, b: v128): v128 {
  if (op == WHERE) return select(a, b, c); // (1)
  if (op == GREATER_PART) return andnot(select(mul<T>(c, both<T>(HALF)), c, eq<T>(a, b)), lt<T>(a, b)); // (2)
  return neg<T>(div<T>(mul<T>(c, a), b)); // (3)
}

/** Of whole vectors the first operand's k-th. */
// @ts-ignore: decorator
@inline function first<T extends number>(op: i32, c: usize): v128 {
  return op == WHERE ? loadCondition<T>(c, LANES<T>()) : vload<T>(c);
}

// @ts-ignore: decorator
@inline function row<T extends number>(op: i32, y: usize, c: usize, a: usize, b: usize, cMoves: usize, aMoves: usize, bMoves: usize, n: i32): void {
  const step = stepOf<T>(op);
  for (; n >= 2 * LANES<T>(); n -= 2 * LANES<T>(), y += 32, c += 2 * step * cMoves, a += 32 * aMoves, b += 32 * bMoves) {
    const v0 = apply<T>(op, first<T>(op, c), vload<T>(a), vload<T>(b));
    const v1 = apply<T>(op, first<T>(op, c + step), vload<T>(a + 16), vload<T>(b + 16));
    vstore<T>(y, v0);
    vstore<T>(y + 16, v1);
  }
  for (; n > 0; n -= LANES<T>(), y += 16, c += step * cMoves, a += 16 * aMoves, b += 16 * bMoves) {
    const v = op == WHERE ? loadCondition<T>(c, n) : vloadPart<T>(c, n);
    vstorePart<T>(y, apply<T>(op, v, vloadPart<T>(a, n), vloadPart<T>(b, n)), n);
  }
}

// @ts-ignore: decorator
@inline function grid<T extends number>(
  op: i32, y: usize, scratch: usize, c: usize, a: usize, b: usize, R: i32, C: i32, cRow: i32, cCol: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32,
): void {
  const cBytes = <usize>cRow * (op == WHERE ? 4 : sizeof<T>());
  for (let r = 0; r < R; ++r, y += <usize>C * sizeof<T>(), c += cBytes, a += <usize>aRow * sizeof<T>(), b += <usize>bRow * sizeof<T>()) {
    let from = c;
    if (!cCol) from = op == WHERE ? spread<f32>(scratch + 2 * BLOCK, c) : spread<T>(scratch + 2 * BLOCK, c);
    const p = aCol ? a : spread<T>(scratch, a), q = bCol ? b : spread<T>(scratch + BLOCK, b);
    row<T>(op, y, from, p, q, cCol, aCol, bCol, C);
  }
}

/**
 * (1)–(3).
 *
 * @param op       its number, of those above
 * @param y        out     [R,C]   may be an operand of that shape and element type
 * @param scratch  scratch [192]   bytes
 * @param c        in              i32 (1), dy (2), (3); as its strides say
 * @param a        in              as its strides say
 * @param b        in              as its strides say
 */
export function ternary<T extends number>(
  op: i32, y: usize, scratch: usize, c: usize, a: usize, b: usize, R: i32, C: i32, cRow: i32, cCol: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32,
): void {
  switch (op) {
    case WHERE: return grid<T>(WHERE, y, scratch, c, a, b, R, C, cRow, cCol, aRow, aCol, bRow, bCol);
    case GREATER_PART: return grid<T>(GREATER_PART, y, scratch, c, a, b, R, C, cRow, cCol, aRow, aCol, bRow, bCol);
    default: return grid<T>(QUOTIENT_PART, y, scratch, c, a, b, R, C, cRow, cCol, aRow, aCol, bRow, bCol);
  }
}

/**
 * Operators of two arrays that broadcast (grid.ts), element by element, and comparisons.
 *
 *   y = a + b | a − b | a·b | a/b | max(a, b) | min(a, b)                  (1)
 *   y = 1 where a = b | a ≠ b | a < b | a ≤ b, else 0, as i32              (2)
 *
 * NaN in either operand makes the maximum and the minimum NaN, and every comparison false but ≠. Of zeros of both signs either is the greater.
 */
import { LANES, add, div, eq, lt, mul, or, pmax, pmin, sub, vload, vloadPart, vstore, vstorePart } from "../vec";
import { le, ne, storeCondition } from "../vec_mask";
import { BLOCK, spread } from "./grid";

// The numbers by which bindings/ops/binary.ts names them.
// @ts-ignore: decorator
@inline const ADD: i32 = 0;
// @ts-ignore: decorator
@inline const SUB: i32 = 1;
// @ts-ignore: decorator
@inline const MUL: i32 = 2;
// @ts-ignore: decorator
@inline const DIV: i32 = 3;
// @ts-ignore: decorator
@inline const MAXIMUM: i32 = 4;
// @ts-ignore: decorator
@inline const MINIMUM: i32 = 5;
// @ts-ignore: decorator
@inline const EQUAL: i32 = 0;
// @ts-ignore: decorator
@inline const NOT_EQUAL: i32 = 1;
// @ts-ignore: decorator
@inline const LESS: i32 = 2;
// @ts-ignore: decorator
@inline const LESS_EQUAL: i32 = 3;
// @ts-ignore: decorator
@inline const INTEGERS: i32 = 4;

/** The operator of a number known at compile time: the chain dissolves. pmax and pmin give a where a is NaN; the mask is a NaN where b is. */
// @ts-ignore: decorator
@inline function apply<T extends number>(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return add<T>(a, b);
  if (op == SUB) return sub<T>(a, b);
  if (op == MUL) return mul<T>(a, b);
  if (op == DIV) return div<T>(a, b);
  return or(op == MAXIMUM ? pmax<T>(a, b) : pmin<T>(a, b), ne<T>(b, b));
}

// @ts-ignore: decorator
@inline function holds<T extends number>(op: i32, a: v128, b: v128): v128 {
  if (op == EQUAL) return eq<T>(a, b);
  if (op == NOT_EQUAL) return ne<T>(a, b);
  if (op == LESS) return lt<T>(a, b);
  return le<T>(a, b);
}

/** One row, one operand's steps in bytes a block: 64, or 0 of one that was spread. */
// @ts-ignore: decorator
@inline function row<T extends number>(op: i32, y: usize, a: usize, b: usize, aBlock: usize, bBlock: usize, n: i32): void {
  for (; n >= 4 * LANES<T>(); n -= 4 * LANES<T>(), y += BLOCK, a += aBlock, b += bBlock) {
    const v0 = apply<T>(op, vload<T>(a), vload<T>(b)), v1 = apply<T>(op, vload<T>(a + 16), vload<T>(b + 16));
    const v2 = apply<T>(op, vload<T>(a + 32), vload<T>(b + 32)), v3 = apply<T>(op, vload<T>(a + 48), vload<T>(b + 48));
    vstore<T>(y, v0);
    vstore<T>(y + 16, v1);
    vstore<T>(y + 32, v2);
    vstore<T>(y + 48, v3);
  }
  for (; n >= LANES<T>(); n -= LANES<T>(), y += 16, a += aBlock / 4, b += bBlock / 4) {
    vstore<T>(y, apply<T>(op, vload<T>(a), vload<T>(b)));
  }
  if (n > 0) vstorePart<T>(y, apply<T>(op, vloadPart<T>(a, n), vloadPart<T>(b, n)), n);
}

/** y = op(a, b), row by row. */
// @ts-ignore: decorator
@inline function grid<T extends number>(op: i32, y: usize, a: usize, b: usize, scratch: usize, R: i32, C: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32): void {
  for (let r = 0; r < R; ++r, y += <usize>C * sizeof<T>(), a += <usize>aRow * sizeof<T>(), b += <usize>bRow * sizeof<T>()) {
    const p = aCol ? a : spread<T>(scratch, a), q = bCol ? b : spread<T>(scratch + BLOCK, b);
    row<T>(op, y, p, q, aCol ? BLOCK : 0, bCol ? BLOCK : 0, C);
  }
}

/**
 * (1) The gradients of sums and products are these operators again; of the others ternary.ts.
 *
 * @param op       its number, of those above
 * @param y        out     [R,C]   may be a or b where that is [R,C] too
 * @param scratch  scratch [128]   bytes
 * @param a        in              as its strides say
 * @param b        in              as its strides say
 */
export function binary<T extends number>(op: i32, y: usize, scratch: usize, a: usize, b: usize, R: i32, C: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32): void {
  switch (op) {
    case ADD: return grid<T>(ADD, y, a, b, scratch, R, C, aRow, aCol, bRow, bCol);
    case SUB: return grid<T>(SUB, y, a, b, scratch, R, C, aRow, aCol, bRow, bCol);
    case MUL: return grid<T>(MUL, y, a, b, scratch, R, C, aRow, aCol, bRow, bCol);
    case DIV: return grid<T>(DIV, y, a, b, scratch, R, C, aRow, aCol, bRow, bCol);
    case MAXIMUM: return grid<T>(MAXIMUM, y, a, b, scratch, R, C, aRow, aCol, bRow, bCol);
    default: return grid<T>(MINIMUM, y, a, b, scratch, R, C, aRow, aCol, bRow, bCol);
  }
}

// @ts-ignore: decorator
@inline function compareRow<T extends number>(op: i32, y: usize, a: usize, b: usize, aBlock: usize, bBlock: usize, n: i32): void {
  const four = 4 * LANES<T>(), bytes: usize = 4 * LANES<T>(); // of the result, a vector
  for (; n >= four; n -= four, y += 4 * bytes, a += aBlock, b += bBlock) {
    storeCondition<T>(y, holds<T>(op, vload<T>(a), vload<T>(b)), LANES<T>());
    storeCondition<T>(y + bytes, holds<T>(op, vload<T>(a + 16), vload<T>(b + 16)), LANES<T>());
    storeCondition<T>(y + 2 * bytes, holds<T>(op, vload<T>(a + 32), vload<T>(b + 32)), LANES<T>());
    storeCondition<T>(y + 3 * bytes, holds<T>(op, vload<T>(a + 48), vload<T>(b + 48)), LANES<T>());
  }
  for (; n > 0; n -= LANES<T>(), y += bytes, a += aBlock / 4, b += bBlock / 4) {
    storeCondition<T>(y, holds<T>(op, vloadPart<T>(a, n), vloadPart<T>(b, n)), n);
  }
}

// @ts-ignore: decorator
@inline function compareGrid<T extends number>(op: i32, y: usize, a: usize, b: usize, scratch: usize, R: i32, C: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32): void {
  for (let r = 0; r < R; ++r, y += <usize>C * 4, a += <usize>aRow * sizeof<T>(), b += <usize>bRow * sizeof<T>()) {
    const p = aCol ? a : spread<T>(scratch, a), q = bCol ? b : spread<T>(scratch + BLOCK, b);
    compareRow<T>(op, y, p, q, aCol ? BLOCK : 0, bCol ? BLOCK : 0, C);
  }
}

/** (2) Arguments as binary's, y i32. a > b is b < a. With INTEGERS added to op, of f32's kernels, a and b are i32. */
export function compare<T extends number>(op: i32, y: usize, scratch: usize, a: usize, b: usize, R: i32, C: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32): void {
  if (sizeof<T>() == 4 && op >= INTEGERS) compareAs<i32>(op - INTEGERS, y, scratch, a, b, R, C, aRow, aCol, bRow, bCol);
  else compareAs<T>(op, y, scratch, a, b, R, C, aRow, aCol, bRow, bCol);
}

function compareAs<T extends number>(op: i32, y: usize, scratch: usize, a: usize, b: usize, R: i32, C: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32): void {
  switch (op) {
    case EQUAL: return compareGrid<T>(EQUAL, y, a, b, scratch, R, C, aRow, aCol, bRow, bCol);
    case NOT_EQUAL: return compareGrid<T>(NOT_EQUAL, y, a, b, scratch, R, C, aRow, aCol, bRow, bCol);
    case LESS: return compareGrid<T>(LESS, y, a, b, scratch, R, C, aRow, aCol, bRow, bCol);
    default: return compareGrid<T>(LESS_EQUAL, y, a, b, scratch, R, C, aRow, aCol, bRow, bCol);
  }
}

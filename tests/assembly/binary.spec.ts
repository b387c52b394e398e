import { binary, compare } from "../../assembly/ops/binary";
import { BLOCK, spread } from "../../assembly/ops/grid";
import { ternary } from "../../assembly/ops/where";
import { CONDITION_BYTES } from "../../assembly/vec_mask";
import { at, clear, constant, not, overruns, put, random, rounded, wrong } from "./numbers";

const R = 3;

function arithmetic(op: i32, a: f64, b: f64): f64 {
  if (op == 0) return a + b;
  if (op == 1) return a - b;
  if (op == 2) return a * b;
  if (op == 3) return a / b;
  return op == 4 ? Math.max(a, b) : Math.min(a, b);
}

function holds(op: i32, a: f64, b: f64): i32 {
  if (op == 0) return a == b ? 1 : 0;
  if (op == 1) return a != b ? 1 : 0;
  return op == 2 ? (a < b ? 1 : 0) : a <= b ? 1 : 0;
}

/** Small integers in T, so that some are equal. */
function small<T extends number>(n: i32, seed: u32): usize {
  const p = random<T>(n, seed, 4);
  for (let i = 0; i < n; ++i) put<T>(p, i, Math.round(at<T>(p, i)));
  return p;
}

/** R rows of C, each operand with any of its strides: a whole, one row, a column, a number. */
function wrongPairs<T extends number>(C: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32): i32 {
  let count = 0;
  for (let op = 0; op < 6; ++op) {
    clear();
    const a = random<T>(R * C, 1, 2), b = random<T>(R * C, 2, 2), y = constant<T>(R * C, -77), scratch = constant<f64>(24, 0);
    binary<T>(op, y, scratch, a, b, R, C, aRow, aCol, bRow, bCol);
    for (let r = 0; r < R; ++r)
      for (let c = 0; c < C; ++c)
        count += not(at<T>(y, r * C + c), rounded<T>(arithmetic(op, at<T>(a, r * aRow + c * aCol), at<T>(b, r * bRow + c * bCol))));
    count += overruns();
  }
  for (let op = 0; op < 4; ++op) {
    clear();
    const a = small<T>(R * C, 1), b = small<T>(R * C, 2), y = constant<i32>(R * C, -77), scratch = constant<f64>(24, 0);
    compare<T>(op, y, scratch, a, b, R, C, aRow, aCol, bRow, bCol);
    for (let r = 0; r < R; ++r)
      for (let c = 0; c < C; ++c) count += load<i32>(y + 4 * (r * C + c)) == holds(op, at<T>(a, r * aRow + c * aCol), at<T>(b, r * bRow + c * bCol)) ? 0 : 1;
    count += overruns();
  }
  if (sizeof<T>() == 4) {
    for (let op = 0; op < 4; ++op) {
      clear();
      const a = small<i32>(R * C, 1), b = small<i32>(R * C, 2), y = constant<i32>(R * C, -77), scratch = constant<f64>(24, 0);
      store<i32>(a, i32.MIN_VALUE); // equal to 0 as a float, and less than 1 as an unsigned number would not be
      compare<T>(4 + op, y, scratch, a, b, R, C, aRow, aCol, bRow, bCol);
      for (let r = 0; r < R; ++r)
        for (let c = 0; c < C; ++c) count += load<i32>(y + 4 * (r * C + c)) == holds(op, at<i32>(a, r * aRow + c * aCol), at<i32>(b, r * bRow + c * bCol)) ? 0 : 1;
      count += overruns();
    }
  }
  return count;
}

/** The three of three operands: a choice, the part of a maximum, the part of a quotient. */
function wrongTriples<T extends number>(C: i32, cRow: i32, cCol: i32, aRow: i32, aCol: i32): i32 {
  let count = 0;
  for (let op = 0; op < 3; ++op) {
    clear();
    const a = small<T>(R * C, 3), b = small<T>(R * C, 4), y = constant<T>(R * C, -77), scratch = constant<f64>(24, 0);
    const c = op == 0 ? constant<i32>(R * C, 0) : random<T>(R * C, 5);
    if (op == 0) for (let i = 0; i < R * C; ++i) store<i32>(c + 4 * i, i % 3 == 0 ? 0 : i - 4);
    for (let i = 0; i < R * C; ++i) if (op == 2) put<T>(b, i, at<T>(b, i) + 5.5);
    ternary<T>(op, y, scratch, c, a, b, R, C, cRow, cCol, aRow, aCol, C, 1);
    for (let r = 0; r < R; ++r) {
      for (let k = 0; k < C; ++k) {
        const place = r * cRow + k * cCol, left = at<T>(a, r * aRow + k * aCol), right = at<T>(b, r * C + k), got = at<T>(y, r * C + k);
        if (op == 0) count += not(got, load<i32>(c + 4 * place) != 0 ? left : right);
        else if (op == 1) count += not(got, left < right ? 0 : left == right ? rounded<T>(at<T>(c, place) / 2) : at<T>(c, place));
        else count += wrong<T>(got, (-at<T>(c, place) * left) / right);
      }
    }
    count += overruns();
  }
  return count;
}

function all<T extends number>(): i32 {
  let count = 0;
  for (let C = 1; C <= 35; ++C) {
    for (let form = 0; form < 4; ++form) {
      const row = form & 1 ? C : 0, col = form >> 1;
      count += wrongPairs<T>(C, C, 1, row, col) + wrongPairs<T>(C, row, col, C, 1) + wrongPairs<T>(C, 0, 1, 1, 0) + wrongPairs<T>(C, 1, 0, 0, 1);
      count += wrongTriples<T>(C, C, 1, row, col) + wrongTriples<T>(C, row, col, C, 1);
    }
  }
  return count;
}

/** An element laid out in a block, for every lane of four vectors. */
function wrongSpread<T extends number>(): i32 {
  clear();
  const x = random<T>(3, 6), block = constant<T>(i32(BLOCK / sizeof<T>()), 0);
  spread<T>(block, x + sizeof<T>());
  let count = 0;
  for (let i = 0; i < i32(BLOCK / sizeof<T>()); ++i) count += not(at<T>(block, i), at<T>(x, 1));
  return count + overruns();
}

describe("operators of two and three arrays", () => {
  it("are their formulas, whatever broadcasts, at every width, and touch nothing else", () => {
    expect(all<f32>()).toBe(0);
    expect(all<f64>()).toBe(0);
  });

  it("read an element that serves a row from a block of it", () => {
    expect(wrongSpread<f32>() + wrongSpread<f64>()).toBe(0);
    expect(i32(CONDITION_BYTES<f32>() + CONDITION_BYTES<f64>())).toBe(24);
  });
});

import { addRows, move, transpose } from "../../assembly/ops/move";
import { at, clear, constant, copy, differ, list, not, overruns, random, rounded, wrong as isWrong } from "./numbers";

/** One axis: size, stride in dst, stride in src. */
type Axis = StaticArray<i32>;

/** Elements from the lowest place to the highest, and where index 0 of every axis lies among them. */
function extent(axes: Axis[], which: i32, fromLowest: bool): i32 {
  let low = 0, high = 0;
  for (let d = 0; d < axes.length; ++d) {
    const end = (axes[d][0] - 1) * axes[d][which];
    if (end < 0) low += end;
    else high += end;
  }
  return fromLowest ? -low : high - low + 1;
}

/** Moves (adds) by a plan and counts what is not as the formula says, neighbours and gaps included. */
function wrongMove<T extends number>(axes: Axis[], adds: i32): i32 {
  clear();
  const rank = axes.length, nd = extent(axes, 1, false), ns = extent(axes, 2, false);
  const dst = random<T>(nd, 1), want = copy<T>(dst, nd), src = random<T>(ns, 2), same = copy<T>(src, ns);
  const lines = new Array<i32>();
  let count = 1;
  for (let d = 0; d < rank; ++d) {
    for (let k = 0; k < 3; ++k) lines.push(axes[d][k]);
    count *= axes[d][0];
  }
  const d0 = extent(axes, 1, true), s0 = extent(axes, 2, true);
  for (let i = 0; i < count; ++i) {
    let left = i, to = d0, from = s0;
    for (let d = rank - 1; d >= 0; --d) {
      to += (left % axes[d][0]) * axes[d][1];
      from += (left % axes[d][0]) * axes[d][2];
      left /= axes[d][0];
    }
    const x = at<T>(src, from) + (adds ? at<T>(want, to) : 0);
    store<T>(want + usize(to) * sizeof<T>(), <T>x);
  }
  move<T>(dst + usize(d0) * sizeof<T>(), src + usize(s0) * sizeof<T>(), list<i32>(lines), rank, adds);
  let wrong = overruns() + differ<T>(src, same, ns);
  for (let i = 0; i < nd; ++i) wrong += not(at<T>(dst, i), rounded<T>(at<T>(want, i)));
  return wrong;
}

/** Rows of every width, in each of the ways that have loops of their own, and in those that have none. */
function wrongRows<T extends number>(adds: i32): i32 {
  let wrong = 0;
  for (let n = 1; n <= 37; ++n) {
    wrong += wrongMove<T>([[n, 1, 1]], adds);
    wrong += wrongMove<T>([[3, n + 2, n + 1], [n, 1, 1]], adds);
    wrong += wrongMove<T>([[3, n, n], [n, 1, -1]], adds);
    wrong += wrongMove<T>([[3, n + 1, -n], [n, 1, -1]], adds);
    wrong += wrongMove<T>([[3, n, 1], [n, 1, 0]], adds);
    wrong += wrongMove<T>([[3, n, 0], [n, 1, 0]], adds);
    wrong += wrongMove<T>([[3, 2 * n, n], [n, 2, 1]], adds);
    wrong += wrongMove<T>([[3, 2 * n, 3 * n], [n, -2, -3]], adds);
    wrong += wrongMove<T>([[3, n, 0], [n, 1, 1]], adds);
  }
  return wrong + wrongMove<T>([[2, 700, 600], [600, 1, 1]], adds);
}

/** Transpositions of every small size, and of some that fill blocks. */
function wrongSquares<T extends number>(adds: i32): i32 {
  let wrong = 0;
  for (let r = 1; r <= 10; ++r) for (let c = 1; c <= 37; ++c) wrong += wrongMove<T>([[r, c + 1, 1], [c, 1, r + 2]], adds);
  return wrong + wrongMove<T>([[33, 50, 1], [50, 1, -33]], adds);
}

function wrongDeep<T extends number>(adds: i32): i32 {
  let wrong = wrongMove<T>([[2, 60, 12], [3, 20, 4], [5, 4, 24], [4, 1, 1]], adds);
  wrong += wrongMove<T>([[2, 60, 60], [3, 20, -20], [5, 4, 4], [4, 1, -1]], adds);
  wrong += wrongMove<T>([[2, 210, 1], [3, 70, 2], [7, 10, 60], [5, 2, 6]], adds);
  return wrong + wrongMove<T>([[2, 240, 0], [2, 120, 1], [3, 40, 0], [5, 8, 2], [8, 1, 10]], adds);
}

function wrongTranspose<T extends number>(): i32 {
  let wrong = 0;
  for (let r = 1; r <= 9; ++r) {
    for (let c = 1; c <= 21; ++c) {
      clear();
      const src = random<T>(r * c, 3), dst = constant<T>(r * c, 0);
      transpose<T>(dst, src, r, c);
      for (let i = 0; i < r * c; ++i) wrong += not(at<T>(dst, i), at<T>(src, (i % c) * r + i / c));
      wrong += overruns();
    }
  }
  return wrong;
}

function wrongRowSums<T extends number>(): i32 {
  let wrong = 0;
  for (let n = 1; n <= 17; ++n) {
    clear();
    const rows = 100, src = random<T>(rows * n, 3, 0.0078125), dst = random<T>(n, 4), before = copy<T>(dst, n);
    addRows<T>(dst, src, rows, n);
    for (let j = 0; j < n; ++j) {
      let sum = at<T>(before, j);
      for (let r = 0; r < rows; ++r) sum += at<T>(src, r * n + j);
      wrong += isWrong<T>(at<T>(dst, j), sum);
    }
    wrong += overruns();
  }
  return wrong;
}

describe("elements by strides", () => {
  it("rows, f32", () => expect<i32>(wrongRows<f32>(0)).toBe(0));
  it("rows, f64", () => expect<i32>(wrongRows<f64>(0)).toBe(0));
  it("added rows, f32", () => expect<i32>(wrongRows<f32>(1)).toBe(0));
  it("added rows, f64", () => expect<i32>(wrongRows<f64>(1)).toBe(0));
  it("transposed, f32", () => expect<i32>(wrongSquares<f32>(0)).toBe(0));
  it("transposed, f64", () => expect<i32>(wrongSquares<f64>(0)).toBe(0));
  it("added transposed, f32", () => expect<i32>(wrongSquares<f32>(1)).toBe(0));
  it("added transposed, f64", () => expect<i32>(wrongSquares<f64>(1)).toBe(0));
  it("many axes", () => expect<i32>(wrongDeep<f32>(0) + wrongDeep<f64>(0) + wrongDeep<f32>(1) + wrongDeep<f64>(1)).toBe(0));
  it("sums of rows", () => expect<i32>(wrongRowSums<f32>() + wrongRowSums<f64>()).toBe(0));
  it("a matrix", () => expect<i32>(wrongTranspose<f32>() + wrongTranspose<f64>()).toBe(0));
});

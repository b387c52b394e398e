import { isPadding, stepsOf, stretchEnd } from "../../assembly/lengths";
import { clear, list } from "./numbers";

const STEPS = 5;

/** Step and sequence of a row, by counting. */
function isBehind(lengths: i32[], batchFirst: bool, row: i32): bool {
  let at = 0;
  const outer = batchFirst ? lengths.length : STEPS, inner = batchFirst ? STEPS : lengths.length;
  for (let i = 0; i < outer; ++i) {
    for (let j = 0; j < inner; ++j) if (at++ == row) return batchFirst ? j >= lengths[i] : i >= lengths[j];
  }
  return true;
}

function wrongPadding(lengths: i32[], batchFirst: bool): i32 {
  clear();
  const N = lengths.length, rows = N * STEPS, T = batchFirst ? STEPS : 0;
  const p = list<i32>(lengths);
  let count = 0;
  for (let row = 0; row < rows; ++row) {
    if (isPadding(p, N, T, row) != isBehind(lengths, batchFirst, row)) ++count;
    let end = row + 1;
    while (end < rows && isBehind(lengths, batchFirst, end) == isBehind(lengths, batchFirst, row)) ++end;
    if (stretchEnd(p, N, T, rows, row) != end) ++count;
  }
  for (let n = 0; n < N; ++n) if (stepsOf(p, n, STEPS) != lengths[n]) ++count;
  return count;
}

describe("lengths", () => {
  it("time-major", () => {
    expect<i32>(wrongPadding([3, 1, 5, 2], false)).toBe(0);
    expect<i32>(wrongPadding([1], false)).toBe(0);
    expect<i32>(wrongPadding([5, 5, 1, 1, 1, 4, 2], false)).toBe(0);
  });
  it("batch-first", () => {
    expect<i32>(wrongPadding([3, 1, 5, 2], true)).toBe(0);
    expect<i32>(wrongPadding([4], true)).toBe(0);
    expect<i32>(wrongPadding([5, 5, 1, 1, 1, 4, 2], true)).toBe(0);
  });
  it("none: nothing is padding, one stretch", () => {
    expect<bool>(isPadding(0, 3, 0, 14)).toBe(false);
    expect<bool>(isPadding(0, 3, 5, 14)).toBe(false);
    expect<i32>(stretchEnd(0, 3, 5, 15, 2)).toBe(15);
    expect<i32>(stepsOf(0, 2, 5)).toBe(5);
  });
});

import { flush } from "../../assembly/flush";
import {
  add, addBits, andnot, bytes, eq, LANES, loadSplat, lt, madd, nmadd, PANEL, pmax, pmin, select, shlBits, shrBits, splat, vload,
  vloadPart, vmax, vstore, vstorePart, zero,
} from "../../assembly/vec";
import { hmax, hsum, lane0 } from "../../assembly/vec_wide";

const NAN = f64.NaN;

/** Elements behind the ones under test: none of them may change, nor be loaded. */
// @ts-ignore: decorator
@inline const GUARD: i32 = 8;

function buffer<T extends number>(n: i32): usize {
  return heap.alloc(bytes<T>(n));
}

/** 1, 2, 3, … at ptr. */
function count<T extends number>(ptr: usize, n: i32): void {
  for (let i = 0; i < n; ++i) store<T>(ptr + bytes<T>(i), <T>(i + 1));
}

function at<T extends number>(ptr: usize, i: i32): f64 {
  return <f64>load<T>(ptr + bytes<T>(i));
}

/** One lane, through memory. */
function lane<T extends number>(v: v128, i: i32): f64 {
  const p = heap.alloc(16);
  vstore<T>(p, v);
  const x = at<T>(p, i);
  heap.free(p);
  return x;
}

/** Whether all lanes are x (NaN is NaN). */
function all<T extends number>(v: v128, x: f64): bool {
  for (let i = 0; i < LANES<T>(); ++i) {
    const y = lane<T>(v, i);
    if (!(y == x || (isNaN(x) && isNaN(y)))) return false;
  }
  return true;
}

/** A vector with x in one lane and `rest` in the others. */
function oneLane<T extends number>(x: f64, at: i32, rest: f64): v128 {
  const p = heap.alloc(16);
  for (let i = 0; i < LANES<T>(); ++i) store<T>(p + bytes<T>(i), <T>(i == at ? x : rest));
  const v = vload<T>(p);
  heap.free(p);
  return v;
}

function wrongSplats<T extends number>(): i32 {
  const p = buffer<T>(8);
  count<T>(p, 8);
  let wrong = 0;
  if (!all<T>(loadSplat<T>(p), 1)) ++wrong;
  if (!all<T>(loadSplat<T>(p, 0), 1)) ++wrong;
  if (!all<T>(loadSplat<T>(p, 1), 2)) ++wrong;
  if (!all<T>(loadSplat<T>(p, 2), 3)) ++wrong;
  if (!all<T>(loadSplat<T>(p, 3), 4)) ++wrong;
  if (!all<T>(loadSplat<T>(p, 4), 5)) ++wrong;
  if (!all<T>(loadSplat<T>(p, 5), 6)) ++wrong;
  if (!all<T>(loadSplat<T>(p, 6), 7)) ++wrong;
  if (!all<T>(loadSplat<T>(p, 7), 8)) ++wrong;
  heap.free(p);
  return wrong;
}

function wrongPartialLoads<T extends number>(): i32 {
  const p = buffer<T>(LANES<T>() + GUARD);
  count<T>(p, LANES<T>() + GUARD);
  let wrong = 0;
  for (let n = -1; n <= LANES<T>() + 2; ++n) {
    const v = vloadPart<T>(p, n);
    for (let i = 0; i < LANES<T>(); ++i) if (lane<T>(v, i) != (i < n ? <f64>(i + 1) : 0)) ++wrong;
  }
  heap.free(p);
  return wrong;
}

/** Loads whose last byte is the last byte of memory: one byte more would trap. */
function wrongLoadsAtTheEnd<T extends number>(): i32 {
  let wrong = 0;
  for (let n = 1; n < LANES<T>(); ++n) {
    const p = (<usize>memory.size() << 16) - bytes<T>(n);
    const v = vloadPart<T>(p, n);
    for (let i = 0; i < n; ++i) if (lane<T>(v, i) != at<T>(p, i)) ++wrong;
  }
  return wrong;
}

function wrongPartialStores<T extends number>(): i32 {
  const p = buffer<T>(LANES<T>() + 2 * GUARD);
  const source = buffer<T>(LANES<T>());
  count<T>(source, LANES<T>());
  let wrong = 0;
  for (let n = -1; n <= LANES<T>() + 2; ++n) {
    for (let i = 0; i < LANES<T>() + 2 * GUARD; ++i) store<T>(p + bytes<T>(i), <T>(-7));
    vstorePart<T>(p + bytes<T>(GUARD), vload<T>(source), n);
    for (let i = 0; i < LANES<T>() + 2 * GUARD; ++i) {
      const j = i - GUARD;
      const want: f64 = j >= 0 && j < min(n, LANES<T>()) ? <f64>(j + 1) : -7;
      if (at<T>(p, i) != want) ++wrong;
    }
  }
  heap.free(source);
  heap.free(p);
  return wrong;
}

function wrongMaxima<T extends number>(): i32 {
  let wrong = 0;
  for (let i = 0; i < LANES<T>(); ++i) {
    if (<f64>hmax<T>(oneLane<T>(3, i, -5)) != 3) ++wrong;
    if (<f64>hmax<T>(oneLane<T>(-5, i, 3)) != 3) ++wrong;
    if (!isNaN<f64>(<f64>hmax<T>(oneLane<T>(NAN, i, 3)))) ++wrong;
    if (<f64>hmax<T>(oneLane<T>(-1, i, -Infinity)) != -1) ++wrong;
  }
  return wrong;
}

function wrongFlushes<T extends number>(least: f64): i32 {
  const below = least * (1 - 1.0 / 1024);
  let wrong = 0;
  for (let sign = -1.0; sign <= 1; sign += 2) {
    if (!all<T>(flush<T>(splat<T>(<T>(sign * least))), sign * least)) ++wrong;
    if (!all<T>(flush<T>(splat<T>(<T>(sign * below))), 0)) ++wrong;
    if (!all<T>(flush<T>(splat<T>(<T>(sign * Infinity))), sign * Infinity)) ++wrong;
    if (!all<T>(flush<T>(splat<T>(<T>sign)), sign)) ++wrong;
  }
  if (!all<T>(flush<T>(splat<T>(<T>NAN)), NAN)) ++wrong;
  if (!all<T>(flush<T>(zero()), 0)) ++wrong;
  // Each lane is flushed by itself.
  for (let i = 0; i < LANES<T>(); ++i) {
    const v = flush<T>(oneLane<T>(below, i, 2));
    for (let j = 0; j < LANES<T>(); ++j) if (lane<T>(v, j) != (i == j ? 0.0 : 2.0)) ++wrong;
  }
  return wrong;
}

function wrongComparisons<T extends number>(): i32 {
  const one = splat<T>(<T>1), two = splat<T>(<T>2), nan = splat<T>(<T>NAN);
  let wrong = 0;
  if (!all<T>(select(one, two, lt<T>(one, two)), 1)) ++wrong;
  if (!all<T>(select(one, two, lt<T>(two, one)), 2)) ++wrong;
  if (!all<T>(select(one, two, lt<T>(one, two)), 1)) ++wrong;
  if (!all<T>(select(one, two, eq<T>(one, one)), 1)) ++wrong;
  if (!all<T>(andnot(one, lt<T>(one, two)), 0)) ++wrong;
  for (let i = 0; i < LANES<T>(); ++i) {
    const picked = select(one, two, eq<T>(oneLane<T>(5, i, 4), splat<T>(<T>5)));
    for (let j = 0; j < LANES<T>(); ++j) if (lane<T>(picked, j) != (i == j ? 1.0 : 2.0)) ++wrong;
  }
  return wrong;
}

/** "where either is NaN the result is a" */
function wrongPseudoMinima<T extends number>(): i32 {
  const one = splat<T>(<T>1), two = splat<T>(<T>2), nan = splat<T>(<T>NAN);
  let wrong = 0;
  if (!all<T>(pmin<T>(one, two), 1) || !all<T>(pmin<T>(two, one), 1)) ++wrong;
  if (!all<T>(pmax<T>(one, two), 2) || !all<T>(pmax<T>(two, one), 2)) ++wrong;
  if (!all<T>(pmin<T>(one, nan), 1) || !all<T>(pmin<T>(nan, one), NAN)) ++wrong;
  if (!all<T>(pmax<T>(one, nan), 1) || !all<T>(pmax<T>(nan, one), NAN)) ++wrong;
  if (!all<T>(vmax<T>(one, nan), NAN) || !all<T>(vmax<T>(nan, one), NAN) || !all<T>(vmax<T>(one, two), 2)) ++wrong;
  return wrong;
}

/** 1 + step, squared, minus its rounded square: what one rounding keeps and two lose. */
function fusedRemainder<T extends number>(step: f64): f64 {
  const x = splat<T>(<T>(1 + step));
  const square = splat<T>(<T>(<T>(1 + step) * <T>(1 + step)));
  return lane<T>(madd<T>(x, x, v128.neg<T>(square)), 0);
}

describe("shapes", () => {
  it("a vector is 16 bytes, a panel two vectors", () => {
    expect<i32>(LANES<f32>()).toBe(4);
    expect<i32>(LANES<f64>()).toBe(2);
    expect<i32>(PANEL<f32>()).toBe(8);
    expect<i32>(PANEL<f64>()).toBe(4);
    expect<i32>(<i32>bytes<f32>(3)).toBe(12);
    expect<i32>(<i32>bytes<f64>(3)).toBe(24);
  });
});

describe("loads and stores", () => {
  it("loadSplat takes each of its indices, f32", () => expect<i32>(wrongSplats<f32>()).toBe(0));
  it("loadSplat takes each of its indices, f64", () => expect<i32>(wrongSplats<f64>()).toBe(0));
  it("vloadPart zeroes the other lanes, f32", () => expect<i32>(wrongPartialLoads<f32>()).toBe(0));
  it("vloadPart zeroes the other lanes, f64", () => expect<i32>(wrongPartialLoads<f64>()).toBe(0));
  it("vloadPart reads no byte behind, f32", () => expect<i32>(wrongLoadsAtTheEnd<f32>()).toBe(0));
  it("vloadPart reads no byte behind, f64", () => expect<i32>(wrongLoadsAtTheEnd<f64>()).toBe(0));
  it("vstorePart writes no byte around, f32", () => expect<i32>(wrongPartialStores<f32>()).toBe(0));
  it("vstorePart writes no byte around, f64", () => expect<i32>(wrongPartialStores<f64>()).toBe(0));
});

describe("across lanes", () => {
  it("hsum adds in its fixed order, f32", () => {
    // (0+2) + (1+3): 1e8 + −1e8 meet first; in the order of the lanes the ones would be lost.
    expect<f32>(hsum<f32>(f32x4(1e8, 1, -1e8, 1))).toBe(2);
  });
  it("hsum, f64", () => expect<f64>(hsum<f64>(f64x2(1.5, 2.25))).toBe(3.75));
  it("hsum passes NaN on", () => {
    expect<bool>(isNaN(hsum<f32>(f32x4(1, f32.NaN, 1, 1)))).toBe(true);
    expect<bool>(isNaN(hsum<f64>(f64x2(1, NAN)))).toBe(true);
  });
  it("hmax finds the greatest and NaN in any lane, f32", () => expect<i32>(wrongMaxima<f32>()).toBe(0));
  it("hmax finds the greatest and NaN in any lane, f64", () => expect<i32>(wrongMaxima<f64>()).toBe(0));
  it("lane0", () => {
    expect<f32>(lane0<f32>(f32x4(7, 1, 2, 3))).toBe(7);
    expect<f64>(lane0<f64>(f64x2(7, 1))).toBe(7);
  });
});

describe("arithmetic", () => {
  it("flush cuts below 2^-100 and keeps NaN, f32", () => expect<i32>(wrongFlushes<f32>(7.888609052210118e-31)).toBe(0));
  it("flush cuts below 2^-900 and keeps NaN, f64", () => expect<i32>(wrongFlushes<f64>(1.1830521861667747e-271)).toBe(0));
  it("comparisons give masks, false for NaN, f32", () => expect<i32>(wrongComparisons<f32>()).toBe(0));
  it("comparisons give masks, false for NaN, f64", () => expect<i32>(wrongComparisons<f64>()).toBe(0));
  it("pmin and pmax pass the first operand on beside NaN, f32", () => expect<i32>(wrongPseudoMinima<f32>()).toBe(0));
  it("pmin and pmax pass the first operand on beside NaN, f64", () => expect<i32>(wrongPseudoMinima<f64>()).toBe(0));
  it("madd rounds once in the relaxed build, twice in the baseline", () => {
    const relaxed = ASC_FEATURE_RELAXED_SIMD;
    const step32: f64 = 0.000244140625; // 2^-12
    const step64: f64 = 7.450580596923828e-9; // 2^-27
    expect<f64>(fusedRemainder<f32>(step32)).toBe(relaxed ? step32 * step32 : 0);
    expect<f64>(fusedRemainder<f64>(step64)).toBe(relaxed ? step64 * step64 : 0);
  });
  it("nmadd subtracts the product", () => {
    const three = splat<f32>(3), four = splat<f32>(4), ten = splat<f32>(10);
    expect<bool>(all<f32>(nmadd<f32>(three, four, ten), -2)).toBe(true);
    expect<bool>(all<f64>(nmadd<f64>(splat<f64>(3), splat<f64>(4), splat<f64>(10)), -2)).toBe(true);
    expect<bool>(all<f32>(add<f32>(three, four), 7)).toBe(true);
  });
  it("integer operations are as wide as the element", () => {
    const one32 = splat<f32>(1), one64 = splat<f64>(1);
    expect<bool>(all<f32>(addBits<f32>(one32, i32x4.splat(<i32>1 << 23)), 2)).toBe(true);
    expect<bool>(all<f64>(addBits<f64>(one64, i64x2.splat(<i64>1 << 52)), 2)).toBe(true);
    expect<bool>(all<f32>(shlBits<f32>(i32x4.splat(<i32>127), 23), 1)).toBe(true);
    expect<bool>(all<f64>(shlBits<f64>(i64x2.splat(<i64>1023), 52), 1)).toBe(true);
    expect<i32>(i32x4.extract_lane(shrBits<f32>(i32x4.splat(<i32>-1), 31), 3)).toBe(1);
    expect<i64>(i64x2.extract_lane(shrBits<f64>(i64x2.splat(<i64>-1), 63), 1)).toBe(1);
  });
});

/**
 * The SIMD vocabulary: everything the kernels say about vectors, once for f32 and f64. vec_panel.ts: rows of packed weights;
 * vec_wide.ts: sums and maxima over lanes. No other file names v128 built-ins. All helpers dissolve at compile time.
 *
 * A vector holds LANES<T>() elements (4 × f32 or 2 × f64). Pointers are bytes, lengths are elements.
 * Constant offsets are written `ptr + 16`: the build turns them into immediates of the instruction.
 */

/** Elements of T in one vector: 4 for f32, 2 for f64. */
// @ts-ignore: decorator
@inline export function LANES<T extends number>(): i32 {
  return 16 / sizeof<T>();
}

/** Elements of T in one panel: two vectors side by side (V8 can fuse adjacent pairs into one 256-bit operation). */
// @ts-ignore: decorator
@inline export function PANEL<T extends number>(): i32 {
  return 32 / sizeof<T>();
}

/** Bytes of one vector. */
// @ts-ignore: decorator
@inline export const VEC_BYTES: usize = 16;

/** Bytes of one row of a panel. */
// @ts-ignore: decorator
@inline export const PANEL_BYTES: usize = 32;

/** Bytes of `n` elements of T. */
// @ts-ignore: decorator
@inline export function bytes<T extends number>(n: usize): usize {
  return n << alignof<T>();
}

// @ts-ignore: decorator
@inline export function vload<T extends number>(ptr: usize): v128 {
  return v128.load(ptr, 0, sizeof<T>());
}

// @ts-ignore: decorator
@inline export function vstore<T extends number>(ptr: usize, v: v128): void {
  v128.store(ptr, v, 0, sizeof<T>());
}

/** All lanes set to a value. */
// @ts-ignore: decorator
@inline export function splat<T extends number>(x: T): v128 {
  return v128.splat<T>(x);
}

/**
 * All lanes set to the element `index` elements behind ptr; index is a literal from 0 to 7.
 * A chain, because the immediate of this instruction must be a constant where it is written, and because no
 * optimiser folds an addition into it. The chain dissolves: each use leaves one instruction.
 */
// @ts-ignore: decorator
@inline export function loadSplat<T extends number>(ptr: usize, index: i32 = 0): v128 {
  if (index == 0) return v128.load_splat<T>(ptr, 0, sizeof<T>());
  if (index == 1) return v128.load_splat<T>(ptr, 1 * sizeof<T>(), sizeof<T>());
  if (index == 2) return v128.load_splat<T>(ptr, 2 * sizeof<T>(), sizeof<T>());
  if (index == 3) return v128.load_splat<T>(ptr, 3 * sizeof<T>(), sizeof<T>());
  if (index == 4) return v128.load_splat<T>(ptr, 4 * sizeof<T>(), sizeof<T>());
  if (index == 5) return v128.load_splat<T>(ptr, 5 * sizeof<T>(), sizeof<T>());
  if (index == 6) return v128.load_splat<T>(ptr, 6 * sizeof<T>(), sizeof<T>());
  assert(index == 7);
  return v128.load_splat<T>(ptr, 7 * sizeof<T>(), sizeof<T>());
}

// @ts-ignore: decorator
@inline export function zero(): v128 {
  return i64x2.splat(0);
}

// @ts-ignore: decorator
@inline export function add<T extends number>(a: v128, b: v128): v128 {
  return v128.add<T>(a, b);
}

// @ts-ignore: decorator
@inline export function sub<T extends number>(a: v128, b: v128): v128 {
  return v128.sub<T>(a, b);
}

// @ts-ignore: decorator
@inline export function mul<T extends number>(a: v128, b: v128): v128 {
  return v128.mul<T>(a, b);
}

// @ts-ignore: decorator
@inline export function div<T extends number>(a: v128, b: v128): v128 {
  return v128.div<T>(a, b);
}

// @ts-ignore: decorator
@inline export function sqrt<T extends number>(a: v128): v128 {
  return v128.sqrt<T>(a);
}

// @ts-ignore: decorator
@inline export function abs<T extends number>(a: v128): v128 {
  return v128.abs<T>(a);
}

/**
 * a·b + c. In the relaxed build one fused operation (one rounding); in the baseline a product and a sum (two).
 * The only place where the builds differ.
 */
// @ts-ignore: decorator
@inline export function madd<T extends number>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, b, c);
  return v128.add<T>(v128.mul<T>(a, b), c);
}

/** c − a·b, rounded as madd rounds. */
// @ts-ignore: decorator
@inline export function nmadd<T extends number>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_nmadd<T>(a, b, c);
  return v128.sub<T>(c, v128.mul<T>(a, b));
}

/** b < a ? b : a, lane by lane: one instruction on x64. NaN: where either is NaN the result is a (pass the data as a). */
// @ts-ignore: decorator
@inline export function pmin<T extends number>(a: v128, b: v128): v128 {
  return v128.pmin<T>(a, b);
}

/** a < b ? b : a, lane by lane: as pmin. */
// @ts-ignore: decorator
@inline export function pmax<T extends number>(a: v128, b: v128): v128 {
  return v128.pmax<T>(a, b);
}

// Comparisons give masks: all ones or all zeros in a lane; false where either side is NaN (ne: true).
// @ts-ignore: decorator
@inline export function lt<T extends number>(a: v128, b: v128): v128 {
  return v128.lt<T>(a, b);
}

// @ts-ignore: decorator
@inline export function eq<T extends number>(a: v128, b: v128): v128 {
  return v128.eq<T>(a, b);
}

/** Whether a = b in every lane; not where either is NaN. */
// @ts-ignore: decorator
@inline export function allEqual<T extends number>(a: v128, b: v128): bool {
  return i32x4.all_true(v128.eq<T>(a, b));
}

/** Whether any bit of a mask is set. */
// @ts-ignore: decorator
@inline export function anyTrue(mask: v128): bool {
  return v128.any_true(mask);
}

/** The mask of the first n lanes, 0 ≤ n. */
// @ts-ignore: decorator
@inline export function firstLanes<T extends number>(n: i32): v128 {
  if (sizeof<T>() == 4) return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n));
  return i64x2.lt_s(i64x2(0, 1), i64x2.splat(n));
}

// @ts-ignore: decorator
@inline export function and(a: v128, b: v128): v128 {
  return v128.and(a, b);
}

// @ts-ignore: decorator
@inline export function or(a: v128, b: v128): v128 {
  return v128.or(a, b);
}

/** a & ~b. */
// @ts-ignore: decorator
@inline export function andnot(a: v128, b: v128): v128 {
  return v128.andnot(a, b);
}

/** mask ? a : b, bit by bit. */
// @ts-ignore: decorator
@inline export function select(a: v128, b: v128, mask: v128): v128 {
  return v128.bitselect(a, b, mask);
}

/** Adds integers lane by lane (as wide as T): arithmetic on exponent bits. */
// @ts-ignore: decorator
@inline export function addBits<T extends number>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 4) return i32x4.add(a, b);
  return i64x2.add(a, b);
}

/** Shifts integers left lane by lane (as wide as T). */
// @ts-ignore: decorator
@inline export function shlBits<T extends number>(a: v128, n: i32): v128 {
  if (sizeof<T>() == 4) return i32x4.shl(a, n);
  return i64x2.shl(a, n);
}

/** Shifts integers right lane by lane (as wide as T), filling with zeros. */
// @ts-ignore: decorator
@inline export function shrBits<T extends number>(a: v128, n: i32): v128 {
  if (sizeof<T>() == 4) return i32x4.shr_u(a, n);
  return i64x2.shr_u(a, n);
}

/** The greater, lane by lane; NaN where either is NaN. */
// @ts-ignore: decorator
@inline export function vmax<T extends number>(a: v128, b: v128): v128 {
  return v128.max<T>(a, b);
}

/** The first n elements at ptr, the other lanes zero; touches no byte behind them. 0 ≤ n; n ≥ LANES loads a whole vector. */
// @ts-ignore: decorator
@inline export function vloadPart<T extends number>(ptr: usize, n: i32): v128 {
  if (n >= LANES<T>()) return vload<T>(ptr);
  if (n <= 0) return zero();
  return loadSome<T>(ptr, n);
}

/** Stores the first n lanes and touches no byte behind them. 0 ≤ n; n ≥ LANES stores the whole vector. */
// @ts-ignore: decorator
@inline export function vstorePart<T extends number>(ptr: usize, v: v128, n: i32): void {
  if (n >= LANES<T>()) vstore<T>(ptr, v);
  else if (n > 0) storeSome<T>(ptr, v, n);
}

/** 0 < n < LANES. */
function loadSome<T extends number>(ptr: usize, n: i32): v128 {
  if (sizeof<T>() == 4) {
    if (n == 1) return v128.load32_zero(ptr);
    const low = v128.load64_zero(ptr);
    return n == 2 ? low : v128.load_lane<f32>(ptr, low, 2, 8);
  }
  return v128.load64_zero(ptr);
}

/** 0 < n < LANES. */
function storeSome<T extends number>(ptr: usize, v: v128, n: i32): void {
  if (sizeof<T>() == 4) {
    if (n == 1) {
      v128.store_lane<f32>(ptr, v, 0);
    } else {
      v128.store_lane<f64>(ptr, v, 0);
      if (n == 3) v128.store_lane<f32>(ptr, v, 2, 8);
    }
  } else {
    v128.store_lane<f64>(ptr, v, 0);
  }
}

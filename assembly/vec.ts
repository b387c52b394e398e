/**
 * The SIMD vocabulary: everything the kernels say about vectors, once for f32 and f64.
 * The only file that names v128 built-ins. All helpers dissolve at compile time.
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

/**
 * Weights in storage type W: T itself, or u16 for bf16 (the upper half of an f32). A panel's row of 8 bf16 is one vector of
 * 32-bit lanes: columns 0 … 3 in the lower halves, 4 … 7 in the upper ones. Shifted left, a lane is its lower weight; as
 * it stands it is its upper one, with the lower one's bits behind its mantissa, which packing has reckoned with. So a
 * row costs one load and one shift.
 */
// @ts-ignore: decorator
@inline export function loadRow<T extends number, W extends number>(ptr: usize): v128 {
  return vload<T>(ptr);
}

/** The first half of a panel's row, from what loadRow gave. */
// @ts-ignore: decorator
@inline export function firstHalf<T extends number, W extends number>(row: v128): v128 {
  if (sizeof<W>() == 2) return i32x4.shl(row, 16);
  return row;
}

/** The second half of a panel's row, from what loadRow gave and the row's address. */
// @ts-ignore: decorator
@inline export function secondHalf<T extends number, W extends number>(row: v128, ptr: usize): v128 {
  if (sizeof<W>() == 2) return row;
  return vload<T>(ptr + VEC_BYTES);
}

/** Bytes of one row of a panel of weights. */
// @ts-ignore: decorator
@inline export function weightRow<T extends number, W extends number>(): usize {
  return usize(PANEL<T>()) * sizeof<W>();
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

/** Nearest integer, ties to even. */
// @ts-ignore: decorator
@inline export function nearest<T extends number>(a: v128): v128 {
  return v128.nearest<T>(a);
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

/** Lane 0. */
// @ts-ignore: decorator
@inline export function lane0<T extends number>(v: v128): T {
  return v128.extract_lane<T>(v, 0);
}

/** Sum of the lanes, in the fixed order (0+2)+(1+3) for f32 and 0+1 for f64. */
// @ts-ignore: decorator
@inline export function hsum<T extends number>(v: v128): T {
  if (sizeof<T>() == 4) {
    const s = f32x4.add(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
    return <T>(f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1));
  }
  return <T>(f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1));
}

/** sum + a·b in two lanes of f64, whatever T: f32 products are exact there, and cannot overflow. The lanes end in hsum<f64>. */
// @ts-ignore: decorator
@inline export function maddWide<T extends number>(a: v128, b: v128, sum: v128): v128 {
  if (sizeof<T>() == 8) return f64x2.add(sum, f64x2.mul(a, b));
  const low = f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b));
  const c = i32x4.shuffle(a, a, 2, 3, 0, 1), d = i32x4.shuffle(b, b, 2, 3, 0, 1);
  return f64x2.add(sum, maddWide<f64>(f64x2.promote_low_f32x4(c), f64x2.promote_low_f32x4(d), low));
}

/** Greatest lane; NaN where any lane is NaN. */
// @ts-ignore: decorator
@inline export function hmax<T extends number>(v: v128): T {
  if (sizeof<T>() == 4) {
    const s = f32x4.max(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
    return <T>f32x4.extract_lane(f32x4.max(s, i32x4.shuffle(s, s, 1, 0, 3, 2)), 0);
  }
  return <T>f64x2.extract_lane(f64x2.max(v, i64x2.shuffle(v, v, 1, 0)), 0);
}

/** The greater, lane by lane; NaN where either is NaN. */
// @ts-ignore: decorator
@inline export function vmax<T extends number>(a: v128, b: v128): v128 {
  return v128.max<T>(a, b);
}

/** Four rows of four f32, `ld` bytes apart, stored as columns of a panel (rows PANEL_BYTES apart). */
// @ts-ignore: decorator
@inline export function transpose4(to: usize, from: usize, ld: usize): void {
  const r0 = v128.load(from), r1 = v128.load(from + ld), r2 = v128.load(from + 2 * ld), r3 = v128.load(from + 3 * ld);
  const a = i32x4.shuffle(r0, r1, 0, 4, 1, 5), b = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const c = i32x4.shuffle(r2, r3, 0, 4, 1, 5), d = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(to, i32x4.shuffle(a, c, 0, 1, 4, 5));
  v128.store(to + PANEL_BYTES, i32x4.shuffle(a, c, 2, 3, 6, 7));
  v128.store(to + 2 * PANEL_BYTES, i32x4.shuffle(b, d, 0, 1, 4, 5));
  v128.store(to + 3 * PANEL_BYTES, i32x4.shuffle(b, d, 2, 3, 6, 7));
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

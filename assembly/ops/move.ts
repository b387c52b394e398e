/**
 * Elements from one arrangement to another: axes exchanged, reversed, repeated, cut out, set side by side.
 *
 *   dst[Σ i⟨d⟩·s⟨d⟩] = src[Σ i⟨d⟩·t⟨d⟩]   for all 0 ≤ i⟨d⟩ < n⟨d⟩        (1)
 *   dst[Σ i⟨d⟩·s⟨d⟩] += src[Σ i⟨d⟩·t⟨d⟩]                                 (2)
 *   dst[i] += Σ_r src[r,i]: what was repeated, back                       (3)
 *
 * A plan holds one line an axis, outermost first: n, s, t, as i32. Strides are elements; negative ones walk backwards, and a t of 0
 * repeats. Bound by memory where the innermost axis lies dense in dst and in src (rows), where src lies dense along the axis before it
 * (a transposition, in squares), where src is repeated or reversed; everything else goes element by element.
 */
import { columnSums } from "../gemm_tn";
import { add, bytes, LANES, splat, VEC_BYTES, vload, vloadPart, vstore, vstorePart } from "../vec";
import { transposeSquare } from "../vec_panel";
import { reversed } from "../vec_wide";

/** Bytes of one axis of a plan. */
// @ts-ignore: decorator
@inline const AXIS: usize = 12;

/**
 * Rows of src in a block of a transposition: each row of dst gets a cache line of f32 at once (measured on an EPYC, Node 24, 1024² f32,
 * where the rows fall on the same lines of the caches: 482 µs; 8: 737, 32: 670, 64: 744; 1000²: 128, 134, 141, 136).
 */
// @ts-ignore: decorator
@inline const BLOCK: i32 = 16;

/** Bytes from which one memory.copy is faster than a loop over vectors. */
// @ts-ignore: decorator
@inline const LONG: usize = 1024;

/** A stride of a plan in bytes. which: 1 of dst, 2 of src. */
// @ts-ignore: decorator
@inline function stride<T extends number>(plan: usize, which: usize): usize {
  return bytes<T>(usize(load<i32>(plan + 4 * which)));
}

/**
 * (1), or (2) where adds is not 0.
 *
 * @param dst   out | +=  where index 0 of every axis lies; no two indices fall on one element of it
 * @param src   in        likewise; must not overlap dst
 * @param plan  in        [rank,3] i32
 * @param rank            at least 1
 */
export function move<T extends number>(dst: usize, src: usize, plan: usize, rank: i32, adds: i32): void {
  assert(rank > 0);
  if (rank > 2) {
    const s = stride<T>(plan, 1), t = stride<T>(plan, 2);
    for (let n = load<i32>(plan); n > 0; --n, dst += s, src += t) move<T>(dst, src, plan + AXIS, rank - 1, adds);
    return;
  }
  let rows = 1;
  let s: usize = 0, t: usize = 0;
  if (rank == 2) {
    rows = load<i32>(plan);
    s = stride<T>(plan, 1);
    t = stride<T>(plan, 2);
    plan += AXIS;
  }
  if (adds) plane<T>(dst, s, src, t, rows, load<i32>(plan), stride<T>(plan, 1), stride<T>(plan, 2), true);
  else plane<T>(dst, s, src, t, rows, load<i32>(plan), stride<T>(plan, 1), stride<T>(plan, 2), false);
}

/**
 * (3), blocks of rows in f64 (columnSums).
 *
 * @param dst  +=  [n]
 * @param src  in  [rows,n]
 */
export function addRows<T extends number>(dst: usize, src: usize, rows: i32, n: i32): void {
  columnSums<T>(dst, 0, src, bytes<T>(n), 1, n, rows); // (3)
}

/**
 * dst = srcᵀ.
 *
 * @param dst  out [R,C]
 * @param src  in  [C,R]
 */
export function transpose<T extends number>(dst: usize, src: usize, R: i32, C: i32): void {
  transposed<T>(dst, bytes<T>(C), src, bytes<T>(R), R, C, false);
}

/** The two innermost axes: rows s and t bytes apart, n elements u and v bytes apart in each. */
// @ts-ignore: decorator
@inline function plane<T extends number>(
  dst: usize, s: usize, src: usize, t: usize, rows: i32, n: i32, u: usize, v: usize, adds: bool,
): void {
  const unit: usize = sizeof<T>();
  if (u != unit) return places<T>(dst, s, src, t, rows, n, u, v, adds);
  if (v == unit) {
    for (; rows > 0; --rows, dst += s, src += t) row<T>(dst, src, n, adds);
  } else if (t == unit && n >= LANES<T>() && rows >= LANES<T>()) {
    transposed<T>(dst, s, src, v, rows, n, adds);
  } else if (v == 0) {
    for (; rows > 0; --rows, dst += s, src += t) repeatedRow<T>(dst, load<T>(src), n, adds);
  } else if (v == 0 - unit) {
    for (; rows > 0; --rows, dst += s, src += t) reversedRow<T>(dst, src, n, adds);
  } else {
    places<T>(dst, s, src, t, rows, n, u, v, adds);
  }
}

// @ts-ignore: decorator
@inline function put<T extends number>(to: usize, v: v128, adds: bool): void {
  vstore<T>(to, adds ? add<T>(vload<T>(to), v) : v); // (1), (2)
}

// @ts-ignore: decorator
@inline function putPart<T extends number>(to: usize, v: v128, n: i32, adds: bool): void {
  if (n > 0) vstorePart<T>(to, adds ? add<T>(vloadPart<T>(to, n), v) : v, n); // (1), (2)
}

/** Dense to dense. */
// @ts-ignore: decorator
@inline function row<T extends number>(dst: usize, src: usize, n: i32, adds: bool): void {
  if (!adds && bytes<T>(n) >= LONG) {
    memory.copy(dst, src, bytes<T>(n));
    return;
  }
  for (; n >= 4 * LANES<T>(); n -= 4 * LANES<T>(), dst += 4 * VEC_BYTES, src += 4 * VEC_BYTES) {
    put<T>(dst, vload<T>(src), adds);
    put<T>(dst + VEC_BYTES, vload<T>(src + VEC_BYTES), adds);
    put<T>(dst + 2 * VEC_BYTES, vload<T>(src + 2 * VEC_BYTES), adds);
    put<T>(dst + 3 * VEC_BYTES, vload<T>(src + 3 * VEC_BYTES), adds);
  }
  for (; n >= LANES<T>(); n -= LANES<T>(), dst += VEC_BYTES, src += VEC_BYTES) put<T>(dst, vload<T>(src), adds);
  putPart<T>(dst, vloadPart<T>(src, n), n, adds);
}

/** One element to all of a row. */
// @ts-ignore: decorator
@inline function repeatedRow<T extends number>(dst: usize, x: T, n: i32, adds: bool): void {
  const v = splat<T>(x);
  for (; n >= 4 * LANES<T>(); n -= 4 * LANES<T>(), dst += 4 * VEC_BYTES) {
    put<T>(dst, v, adds);
    put<T>(dst + VEC_BYTES, v, adds);
    put<T>(dst + 2 * VEC_BYTES, v, adds);
    put<T>(dst + 3 * VEC_BYTES, v, adds);
  }
  for (; n >= LANES<T>(); n -= LANES<T>(), dst += VEC_BYTES) put<T>(dst, v, adds);
  putPart<T>(dst, v, n, adds);
}

/** Src from its last element back: vectors end where src stands. */
// @ts-ignore: decorator
@inline function reversedRow<T extends number>(dst: usize, src: usize, n: i32, adds: bool): void {
  src -= VEC_BYTES - sizeof<T>();
  for (; n >= 2 * LANES<T>(); n -= 2 * LANES<T>(), dst += 2 * VEC_BYTES, src -= 2 * VEC_BYTES) {
    put<T>(dst, reversed<T>(vload<T>(src)), adds);
    put<T>(dst + VEC_BYTES, reversed<T>(vload<T>(src - VEC_BYTES)), adds);
  }
  for (; n >= LANES<T>(); n -= LANES<T>(), dst += VEC_BYTES, src -= VEC_BYTES) put<T>(dst, reversed<T>(vload<T>(src)), adds);
  src += VEC_BYTES - sizeof<T>();
  for (; n > 0; --n, dst += sizeof<T>(), src -= sizeof<T>()) place<T>(dst, src, adds);
}

/** dst[r,c] = src[c,r]: rows of dst s bytes apart, n rows of src v bytes apart, `rows` long. */
// @ts-ignore: decorator
@inline function transposed<T extends number>(dst: usize, s: usize, src: usize, v: usize, rows: i32, n: i32, adds: bool): void {
  const whole = rows & -LANES<T>();
  for (; n >= LANES<T>(); ) {
    const width = min(n & -LANES<T>(), BLOCK);
    for (let r = 0; r < whole; r += LANES<T>()) {
      let to = dst + usize(r) * s, from = src + bytes<T>(r);
      for (let c = 0; c < width; c += LANES<T>(), to += VEC_BYTES, from += usize(LANES<T>()) * v) transposeSquare<T>(to, s, from, v, adds);
    }
    if (rows > whole) places<T>(dst + usize(whole) * s, s, src + bytes<T>(whole), sizeof<T>(), rows - whole, width, sizeof<T>(), v, adds);
    n -= width;
    dst += bytes<T>(width);
    src += usize(width) * v;
  }
  if (n > 0) places<T>(dst, s, src, sizeof<T>(), rows, n, sizeof<T>(), v, adds);
}

/** Whatever the strides. */
// @ts-ignore: decorator
@inline function places<T extends number>(
  dst: usize, s: usize, src: usize, t: usize, rows: i32, n: i32, u: usize, v: usize, adds: bool,
): void {
  for (; rows > 0; --rows, dst += s, src += t) {
    let to = dst, from = src;
    for (let i = 0; i < n; ++i, to += u, from += v) place<T>(to, from, adds);
  }
}

// @ts-ignore: decorator
@inline function place<T extends number>(to: usize, from: usize, adds: bool): void {
  store<T>(to, adds ? <T>(load<T>(to) + load<T>(from)) : load<T>(from)); // (1), (2)
}

/** The SIMD vocabulary across lanes: their sum and maximum, and sums in f64 whatever T. */

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

/**
 * Dropout without a mask in memory: whether an element is kept depends on its place and two seeds alone, so that the
 * backward pass asks again.
 *
 *   y_i = x_i / (1 − p) where hash(seeds, i) ≥ p·2³², else 0      (1)
 *
 * The hash is a Weyl sequence through MurmurHash3's 32-bit finaliser, twice, a seed before each (Steele, Lea & Flood,
 * OOPSLA 2014, for the form): the same bits on every host, in both element types.
 */

/** Every bit of the result depends on every bit of x. */
// @ts-ignore: decorator
@inline function mix(x: u32): u32 {
  x = (x ^ (x >> 16)) * 0x85ebca6b;
  x = (x ^ (x >> 13)) * 0xc2b2ae35;
  return x ^ (x >> 16);
}

/**
 * (1) Its own pair: the backward is the same on dy.
 *
 * @param y  out [n]  may be x
 * @param x  in  [n]
 * @param p  share that is dropped, in [0, 1)
 */
export function dropout<T extends number>(y: usize, x: usize, n: i32, p: f64, seed0: u32, seed1: u32): void {
  const least = u64(p * 4294967296.0);
  const scale = <T>(1 / (1 - p));
  for (let i = 0; i < n; ++i, x += sizeof<T>(), y += sizeof<T>()) {
    const kept = <u64>mix(mix(<u32>i * 0x9e3779b9 + seed0) ^ seed1) >= least;
    store<T>(y, kept ? <T>(load<T>(x) * scale) : <T>0);
  }
}

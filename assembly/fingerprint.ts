/** Tells the contents of a block apart: a sum over its bits, for comparing it with itself at another time. Not cryptographic. */

/**
 * @param x      in [bytes], a multiple of 4
 * @returns an integer below 2⁵³; the 64-bit states, and so their mixture, change with any one word of 4 bytes
 */
export function fingerprint(x: usize, bytes: i32): f64 {
  let a: u64 = 1, b: u64 = 2, c: u64 = 3, d: u64 = 4;
  const end = x + bytes;
  for (; x + 32 <= end; x += 32) {
    a = mix(a, load<u64>(x));
    b = mix(b, load<u64>(x, 8));
    c = mix(c, load<u64>(x, 16));
    d = mix(d, load<u64>(x, 24));
  }
  for (; x < end; x += 4) a = mix(a, load<u32>(x));
  a = mix(mix(mix(a, b), c), d);
  return <f64>((a ^ (a >> 32)) & 0x1fffffffffffff);
}

/** One to one in the word and in the state. */
// @ts-ignore: decorator
@inline function mix(state: u64, word: u64): u64 {
  return rotl<u64>((state ^ word) * 0x9e3779b97f4a7c15, 31);
}

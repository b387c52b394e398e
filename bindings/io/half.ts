/** Numbers of two bytes, as f32: every one of them is a number of f32. Source: IEEE 754-2008, 3.4; bfloat16 is the upper half of an f32. */

/** 1 sign, 5 exponent and 10 fraction bits; 1, 8 and 7. */
export type Half = "F16" | "BF16";

/** Copies such numbers out of little-endian bytes; signed zeros and what a NaN carries are kept. */
export function widened(bytes: Uint8Array, half: Half): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(bytes.length / 2);
  const widen = half === "F16" ? fromF16 : fromBF16;
  for (let i = 0; i < words.length; i++) words[i] = widen((bytes[2 * i] as number) | ((bytes[2 * i + 1] as number) << 8));
  return new Float32Array(words.buffer);
}

/** The bits of the f32. */
function fromBF16(bits: number): number {
  return bits << 16;
}

/** The bits of the f32: exponents are 127 − 15 apart, fractions 23 − 10 bits. */
function fromF16(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13); // ∞ and NaN
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  const shift = Math.clz32(fraction) - 21; // a subnormal, normal in f32: its first bit becomes the one that is not stored
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

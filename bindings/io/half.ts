/** Numbers of two bytes, to f32 and back: every one of them is a number of f32. Source: IEEE 754-2008, 3.4; bfloat16 is the upper half of an f32. */

/** 1 sign, 5 exponent and 10 fraction bits; 1, 8 and 7. */
export type Half = "F16" | "BF16";

export function isHalf(type: unknown): type is Half {
  return type === "F16" || type === "BF16";
}

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

/** Bits of the fraction, and the least exponent of a normal number. */
const FORMATS = { F16: { width: 10, least: -14 }, BF16: { width: 7, least: -126 } } as const;

/** 1.5 · 2**52: what is added to it and taken away again has been rounded to an integer, ties to the even one. */
const ROUNDING = 3 * 2 ** 51;

/**
 * The nearest such numbers, ties to the even one, straight from f64; one that is too great becomes infinite, a NaN loses what it carries.
 *
 * The integer n of steps of the last place, added to the exponent's field, gives the bits: where rounding reaches the next power of two, it
 * carries into the exponent.
 */
export function narrowed(data: ArrayLike<number>, half: Half): Uint16Array<ArrayBuffer> {
  const { width, least } = FORMATS[half];
  const infinite = ((1 << (15 - width)) - 1) << width;
  const bits = new Uint16Array(data.length);
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);
  for (let i = 0; i < bits.length; i++) {
    const value = data[i] as number;
    double[0] = value;
    const high = words[1] as number;
    const exponent = Math.max(((high >>> 20) & 0x7ff) - 1023, least);
    const sign = (high >>> 31) << 15;
    if (exponent > -least + 1) {
      bits[i] = Number.isNaN(value) ? infinite | (1 << (width - 1)) : sign | infinite;
      continue;
    }
    const steps = Math.abs(value) * 2 ** (width - exponent);
    bits[i] = sign | (((exponent - least) << width) + (steps + ROUNDING - ROUNDING));
  }
  return bits;
}

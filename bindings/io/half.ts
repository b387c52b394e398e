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

/** Fraction bits; the exponent of the smallest normal number; the first number that rounds to infinity. */
const FORMS = {
  F16: { fraction: 10, least: -14, over: 65520 },
  BF16: { fraction: 7, least: -126, over: (2 - 2 ** -8) * 2 ** 127 },
} as const;

/**
 * Numbers as little-endian bytes of two each: the nearest there is, of two the even one; NaN without what it carries.
 *
 * @param over told of the first that is finite and would be infinite
 */
export function narrowed(data: ArrayLike<number>, half: Half, over: (index: number) => never): Uint8Array {
  const { fraction, least, over: most } = FORMS[half];
  const bytes = new Uint8Array(2 * data.length);
  const view = new DataView(bytes.buffer);
  const infinity = (1 << 15) - (1 << fraction);
  const bits = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    const size = Math.abs(value);
    const sign = Object.is(size, value) ? 0 : 0x8000;
    if (size >= most && Number.isFinite(value)) over(i);
    bits.setFloat64(0, size);
    const exponent = Math.max((bits.getUint16(0) >> 4) - 1023, least);
    // In units of the last place there: a number whose integer part carries into the exponent by itself.
    const units = Number.isFinite(size) ? even(size * 2 ** (fraction - exponent)) + (exponent - least) * 2 ** fraction : infinity;
    view.setUint16(2 * i, Number.isNaN(value) ? infinity | (1 << (fraction - 1)) : sign | units, true);
  }
  return bytes;
}

function even(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}

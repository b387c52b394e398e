/*
 * exp, log, tanh and sigmoid to about 30 digits, in fixed point over BigInt: slow and plain, for checking f64 kernels.
 *
 *   (1) a number is v / 2^BITS, v a BigInt; a double is such a number exactly where 2^BITS reaches its last bit
 *   (2) e^x   = 2^k · e^r,  r = x − k·ln 2,  e^r by its Taylor series after 8 halvings of r
 *   (3) log x = 2·atanh((f − 1) / (f + 1)) + k·ln 2,  x = 2^k · f,  f in [1, 2)
 *   (4) sigmoid x = 1 / (1 + e^−x),  tanh x = (1 − e^−2x) / (1 + e^−2x)
 *
 * Results are a pair of doubles, hi + lo, with hi the nearest double: about 106 bits. Below 2^−960 lo runs out of bits; at the
 * smallest normal number it knows no more than half a unit of hi's last place.
 */

export type Dtype = "f32" | "f64";

/** An exact result as hi + lo. */
export interface Pair {
  readonly hi: number;
  readonly lo: number;
}

const GUARD = 192n; // bits kept of every intermediate value

/** m · 2^e: a float of any precision, with no limits of range. */
interface Big {
  readonly m: bigint;
  readonly e: number;
}

function length(v: bigint): number {
  return (v < 0n ? -v : v).toString(2).length;
}

function shift(v: bigint, by: number): bigint {
  return by >= 0 ? v << BigInt(by) : v >> BigInt(-by);
}

/** A finite double, exactly. */
function fromDouble(x: number): Big {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const word = view.getBigUint64(0);
  const field = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const m = field === 0 ? fraction : fraction | (1n << 52n);
  return { m: x < 0 ? -m : m, e: Math.max(field, 1) - 1075 };
}

/** The value times 2^GUARD, as an integer. */
function fixed(v: Big): bigint {
  return shift(v.m, v.e + Number(GUARD));
}

/** To the nearest double, ties away from zero: a tie costs hi half a unit that lo gives back. */
function nearest(v: Big): number {
  if (v.m === 0n) return 0;
  const drop = Math.max(length(v.m) - 53, -1074 - v.e);
  const m = drop > 0 ? (shift(v.m < 0n ? -v.m : v.m, 1 - drop) + 1n) >> 1n : v.m < 0n ? -v.m : v.m;
  const e = drop > 0 ? v.e + drop : v.e;
  const half = Math.trunc(e / 2); // two factors, because 2^e alone may leave the range
  const x = Number(m) * 2 ** half * 2 ** (e - half);
  return v.m < 0n ? -x : x;
}

function pair(v: Big): Pair {
  const hi = nearest(v);
  if (!Number.isFinite(hi)) return { hi, lo: 0 };
  const h = fromDouble(hi);
  const e = Math.min(h.e, v.e);
  return { hi, lo: nearest({ m: shift(v.m, v.e - e) - shift(h.m, h.e - e), e }) };
}

function quotient(a: Big, b: Big): Big {
  const up = Math.max(0, Number(GUARD) + length(b.m) - length(a.m));
  return { m: (a.m << BigInt(up)) / b.m, e: a.e - b.e - up };
}

/** 2·atanh(v), v fixed and small enough. */
function twiceAtanh(v: bigint): bigint {
  const vv = (v * v) >> GUARD;
  let sum = 0n;
  let power = v;
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    sum += power / k;
    power = (power * vv) >> GUARD;
  }
  return 2n * sum;
}

const ONE = 1n << GUARD;
const LN2 = twiceAtanh(ONE / 3n); // 2·atanh(1/3) = ln 2

/** e^x for |x| < 2000. // (2) */
function bigExp(x: Big): Big {
  const v = fixed(x);
  const k = (2n * v + LN2) / (2n * LN2) - (v < 0n ? 1n : 0n);
  const r = (v - k * LN2) >> 8n;
  let sum = ONE;
  let term = ONE;
  for (let i = 1n; term !== 0n && term !== -1n; i++) {
    term = ((term * r) >> GUARD) / i;
    sum += term;
  }
  for (let i = 0; i < 8; i++) sum = (sum * sum) >> GUARD;
  return { m: sum, e: Number(k) - Number(GUARD) };
}

/** 1 + sign·v, exactly. */
function onePlus(sign: bigint, v: Big): Big {
  if (v.e >= 0) return { m: 1n + sign * (v.m << BigInt(v.e)), e: 0 };
  if (v.e + length(v.m) < -2 * Number(GUARD)) return { m: (ONE << GUARD) + sign, e: -2 * Number(GUARD) };
  return { m: (1n << BigInt(-v.e)) + sign * v.m, e: v.e };
}

function timesPowerOfTwo(x: number, sign: bigint, k: number): Big {
  const { m, e } = fromDouble(x);
  return { m: sign * m, e: e + k };
}

export function exactExp(x: number): Pair {
  if (!(Math.abs(x) < 2000)) return { hi: Math.exp(x), lo: 0 };
  return pair(bigExp(fromDouble(x)));
}

export function exactSigmoid(x: number): Pair {
  if (!(Math.abs(x) < 2000)) return { hi: x > 0 ? 1 : x < 0 ? 0 : x, lo: 0 };
  return pair(quotient({ m: ONE, e: -Number(GUARD) }, onePlus(1n, bigExp(timesPowerOfTwo(x, -1n, 0))))); // (4)
}

export function exactTanh(x: number): Pair {
  if (x === 0 || Number.isNaN(x)) return { hi: x, lo: 0 };
  if (Math.abs(x) > 50) return { hi: Math.sign(x), lo: 0 };
  // Two terms of the series: the next is 2x⁴/15 of the result, below 2^−110 here; (4) would cancel.
  if (Math.abs(x) < 2 ** -27) return { hi: x, lo: (-x * x * x) / 3 };
  const e = bigExp(timesPowerOfTwo(x, -1n, 1));
  return pair(quotient(onePlus(-1n, e), onePlus(1n, e))); // (4)
}

export function exactLog(x: number): Pair {
  if (!(x > 0 && x < Infinity)) return { hi: Math.log(x), lo: 0 };
  const { m, e } = fromDouble(x);
  const bits = length(m);
  // f in [3/4, 3/2): near 1 nothing cancels.
  const up = shift(m, 2 - bits) === 3n ? 1 : 0;
  const f = shift(m, Number(GUARD) - bits + (up ? 0 : 1)); // (3)
  const k = BigInt(e + bits - (up ? 0 : 1));
  const v = ((f - ONE) << GUARD) / (f + ONE);
  return pair({ m: twiceAtanh(v) + k * LN2, e: -Number(GUARD) });
}

/** The same by Math.*, good to about 1e-16: enough to judge an f32. */
export const plain = {
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  sigmoid(x: number): number {
    if (x >= 0) return 1 / (1 + Math.exp(-x));
    const e = Math.exp(x);
    return e / (1 + e);
  },
} as const;

export const exact = { exp: exactExp, log: exactLog, tanh: exactTanh, sigmoid: exactSigmoid } as const;

export type MathName = keyof typeof exact;

/** The smallest normal number. */
export const SMALLEST_NORMAL = { f32: 2 ** -126, f64: 2 ** -1022 } as const;

/** The least magnitude that rounds to infinity. */
export const OVERFLOW = { f32: 2 ** 128 - 2 ** 103, f64: Infinity } as const;

/**
 * The distance of `got` from exactHi + exactLo in units of the last place of the exact value. Equal infinities and two NaNs
 * have the distance 0, other mismatches of kind Infinity.
 */
export function ulpError(got: number, exactHi: number, exactLo: number, dtype: Dtype): number {
  if (Object.is(got, exactHi) && exactLo === 0) return 0;
  if (Number.isNaN(got) || Number.isNaN(exactHi)) return Number.isNaN(got) && Number.isNaN(exactHi) ? 0 : Infinity;
  const overflows = Math.abs(exactHi) >= OVERFLOW[dtype];
  if (overflows) return got === Math.sign(exactHi) * Infinity ? 0 : Infinity;
  if (!Number.isFinite(got)) return Infinity;
  const unit = lastPlace(Math.abs(exactHi), dtype);
  // Two divisions: in f64 the difference of two neighbours is exact, and lo is far smaller.
  return Math.abs((got - exactHi) / unit - exactLo / unit);
}

/** The unit of the last place at a ≥ 0. */
function lastPlace(a: number, dtype: Dtype): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, a);
  const exponent = (view.getUint32(0) >>> 20) - 1023;
  return dtype === "f32" ? 2 ** (Math.max(exponent, -126) - 23) : 2 ** (Math.max(exponent, -1022) - 52);
}

/** Reproducible numbers in [0, 1): a failure can be looked at again. */
function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** The value and some neighbours on both sides. */
function around(value: number, dtype: Dtype, steps = 3): number[] {
  const step = Math.abs(value) * (dtype === "f32" ? 2 ** -23 : 2 ** -52);
  return Array.from({ length: 2 * steps + 1 }, (_, i) => value + (i - steps) * step);
}

/** Dense random points in the ranges that matter, and the points where a reduction or a rounding may slip. */
export function points(name: MathName, dtype: Dtype, dense: number): number[] {
  const random = randomSource(name.length + dtype.charCodeAt(1));
  const wide = dtype === "f32" ? 89 : 711;
  const list: number[] = [];
  for (let i = 0; i < dense; i++) {
    const sign = random() < 0.5 ? -1 : 1;
    if (name === "log") list.push(0.5 + random(), random() * 20, 2 ** ((random() * 2 - 1) * (dtype === "f32" ? 127 : 1023)));
    else list.push(sign * random(), sign * random() * 8, sign * random() * wide, sign * 2 ** (-random() * 60));
  }
  for (let n = -300; n <= 300; n++) {
    const x = (n * Math.LN2) / 4; // every fourth an edge of n for tanh, every second one for exp and sigmoid
    if (name === "log") list.push(...around(2 ** (n / 4), dtype), ...around((2 / 3) * 2 ** (n / 4), dtype));
    else list.push(...around(x, dtype));
  }
  for (let k = -130; k <= 9; k++) {
    list.push(...around(2 ** k, dtype, 1));
    if (name !== "log") list.push(...around(-(2 ** k), dtype, 1));
  }
  const borders =
    dtype === "f32" ? [88.72283, 87.33654, 88, 87.66, 17.3, 9.01, 9.1] : [709.782712893384, 708.39641853226, 709, 708.71, 37, 19.06, 19.5];
  for (const b of borders) {
    list.push(...around(b, dtype));
    if (name !== "log") list.push(...around(-b, dtype));
  }
  return Array.from(dtype === "f32" ? Float32Array.from(list) : Float64Array.from(list));
}

/** What the optimizers that keep moments share: what keeps a moment finite, and free of subnormal numbers. Why: optim.ts. */
import { cut } from "./flush";
import { add, andnot, div, eq, loadSplat, mul, pmax, pmin, sub, vloadPart, zero } from "./vec";

// In memory for the reason that constants.ts gives: the least m; the least v, twice the least normal number; the greatest finite number.
const SINGLE = memory.data<f32>([7.703719777548943e-34, 2.350988701644575e-38, 3.4028234663852886e38]);
const DOUBLE = memory.data<f64>([9.332636185032189e-302, 4.450147717014403e-308, 1.7976931348623157e308]);

// @ts-ignore: decorator
@inline export const LEAST_M: i32 = 0;
// @ts-ignore: decorator
@inline export const LEAST_V: i32 = 1;
// @ts-ignore: decorator
@inline export const MOST: i32 = 2;

/** One of these numbers, in all lanes. */
// @ts-ignore: decorator
@inline export function bound<T extends number>(index: i32): v128 {
  return loadSplat<T>(sizeof<T>() == 4 ? SINGLE : DOUBLE, index);
}

/** The same, as f64. */
// @ts-ignore: decorator
@inline export function boundOf<T extends number>(index: usize): f64 {
  return sizeof<T>() == 4 ? <f64>load<f32>(SINGLE + 4 * index) : load<f64>(DOUBLE + 8 * index);
}

/** The greatest g with a finite c·g², a few roundings less. */
export function greatest<T extends number>(c: f64): f64 {
  const most = boundOf<T>(MOST);
  return min<f64>((Math.sqrt(most) * (1 - 1e-6)) / Math.sqrt(c), most);
}

/** The least g with a normal c·g and c·g². */
export function leastSquared<T extends number>(c: f64): f64 {
  const tiny = boundOf<T>(LEAST_V) / 2;
  return max<f64>(Math.sqrt(tiny) / Math.sqrt(c), tiny / c) * (1 + 1e-6);
}

/** The gradient, with weight decay λ where it decays: 0·p may be NaN. */
// @ts-ignore: decorator
@inline export function decayed<T extends number>(g: usize, p: v128, n: i32, decays: bool, lambda: v128): v128 {
  const d = vloadPart<T>(g, n);
  return decays ? add<T>(d, mul<T>(lambda, p)) : d;
}

/** d, within −G … G; NaN where d is not finite. */
// @ts-ignore: decorator
@inline export function within<T extends number>(d: v128, G: v128, minusG: v128): v128 {
  return add<T>(pmax<T>(pmin<T>(d, G), minusG), sub<T>(d, d));
}

/** v + (c·d)·d, without what d is below `least`; flushed, and finite. */
// @ts-ignore: decorator
@inline export function addSquare<T extends number>(v: v128, c: v128, d: v128, least: v128): v128 {
  const r = cut<T>(d, least);
  return cut<T>(pmin<T>(add<T>(v, mul<T>(mul<T>(c, r), r)), bound<T>(MOST)), bound<T>(LEAST_V));
}

/** a/b; 0 where b is. */
// @ts-ignore: decorator
@inline export function ratio<T extends number>(a: v128, b: v128): v128 {
  return andnot(div<T>(a, b), eq<T>(b, zero()));
}

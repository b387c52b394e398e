/** log(1 + x) of whole vectors. */
import { both, ONE } from "./constants";
import { vlog, vlogUnit } from "./math";
import { add, div, mul, sub } from "./vec";

/**
 * log(1 + x) for x ≥ 0, to a few ulp also where 1 + x rounds to 1; x may be +0 or NaN.
 *
 *   log1p(x) = log(h) + (x − (h − 1))/h,   h = 1 + x rounded
 *
 * What the rounding of h lost comes back to first order (as fdlibm's log1p); where h = 1 that is x.
 */
// @ts-ignore: decorator
@inline export function vlog1p<T extends number>(x: v128): v128 {
  const one = both<T>(ONE);
  const h = add<T>(one, x);
  return add<T>(vlog<T>(h), mul<T>(sub<T>(x, sub<T>(h, one)), div<T>(one, h)));
}

/**
 * The same for 0 ≤ x ≤ 1, to the bit, from what the caller has: h = 1 + x rounded and its reciprocal. NaN for NaN: vlogUnit has something there,
 * the correction is NaN.
 */
// @ts-ignore: decorator
@inline export function vlog1pUnit<T extends number>(x: v128, h: v128, reciprocal: v128): v128 {
  return add<T>(vlogUnit<T>(h), mul<T>(sub<T>(x, sub<T>(h, both<T>(ONE))), reciprocal));
}

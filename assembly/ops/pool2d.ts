/**
 * Pooling of pictures: from each window of KH × KW elements, `stride` apart, one. A picture is one plane of [planes,H,W].
 *
 *   max   y[p,q] = the greatest of x[p·s − pad + i, q·s − pad + j] within x; NaN where one is     (1)
 *         dx: dy goes to the first that is the greatest, row by row; to the first NaN              (2)
 *   mean  y[p,q] = Σ_i,j x[p·s − pad + i, q·s − pad + j] / (KH·KW), zeros outside of x             (3)
 *         dx: dy / (KH·KW) to each of the window                                                  (4)
 *
 * Rows of a window are taken together first, vectors along W, then columns. Bound by the loads of the second step.
 */
import { add, bytes, LANES, VEC_BYTES, vloadPart, vmax, vstorePart } from "../vec";

/** Written by the host, words in this order. A padding is at most half of a window, so that none lies outside. */
@unmanaged
export class Pool2dPlan {
  planes: i32 = 0;
  H: i32 = 0;
  W: i32 = 0;
  OH: i32 = 0;
  OW: i32 = 0;
  KH: i32 = 0;
  KW: i32 = 0;
  strideH: i32 = 0;
  strideW: i32 = 0;
  paddingH: i32 = 0;
  paddingW: i32 = 0;
}

/** Rows of a window, one over the other: to[w] = max or sum of x[r,w]. */
// @ts-ignore: decorator
@inline function over<T extends number>(to: usize, x: usize, rows: i32, W: i32, mean: bool): void {
  const row = bytes<T>(W);
  for (; W > 0; W -= LANES<T>(), x += VEC_BYTES, to += VEC_BYTES) {
    let v = vloadPart<T>(x, W), from = x;
    for (let r = 1; r < rows; ++r) {
      from += row;
      const u = vloadPart<T>(from, W);
      v = mean ? add<T>(v, u) : vmax<T>(v, u);
    }
    vstorePart<T>(to, v, W);
  }
}

/** (1) and (3). */
// @ts-ignore: decorator
@inline function pool<T extends number>(y: usize, x: usize, scratch: usize, p: Pool2dPlan, mean: bool): void {
  const divisor = <T>(<f64>p.KH * p.KW);
  for (let plane = 0; plane < p.planes; ++plane, x += bytes<T>(usize(p.H) * p.W)) {
    for (let i = 0, h = -p.paddingH; i < p.OH; ++i, h += p.strideH) {
      const top = max(h, 0);
      over<T>(scratch, x + bytes<T>(usize(top) * p.W), min(h + p.KH, p.H) - top, p.W, mean);
      for (let j = 0, w = -p.paddingW; j < p.OW; ++j, w += p.strideW, y += sizeof<T>()) {
        const first = scratch + bytes<T>(max(w, 0)), end = scratch + bytes<T>(min(w + p.KW, p.W));
        let value = load<T>(first);
        for (let at = first + sizeof<T>(); at < end; at += sizeof<T>()) {
          value = mean ? <T>(value + load<T>(at)) : max<T>(value, load<T>(at)); // keeps NaN
        }
        store<T>(y, mean ? <T>(value / divisor) : value); // (1), (3)
      }
    }
  }
}

/**
 * (1) Pair: maxPool2dBackward.
 *
 * @param y        out     [planes,OH,OW]
 * @param x        in      [planes,H,W]
 * @param scratch  scratch [W]
 * @param plan     in      Pool2dPlan
 */
export function maxPool2d<T extends number>(y: usize, x: usize, scratch: usize, plan: usize): void {
  pool<T>(y, x, scratch, changetype<Pool2dPlan>(plan), false);
}

/** (3) Pair: avgPool2dBackward. Arguments as in maxPool2d. */
export function avgPool2d<T extends number>(y: usize, x: usize, scratch: usize, plan: usize): void {
  pool<T>(y, x, scratch, changetype<Pool2dPlan>(plan), true);
}

/** Where in a window the value of y stands: the address in x. */
// @ts-ignore: decorator
@inline function placeOf<T extends number>(x: usize, value: T, W: i32, top: i32, bottom: i32, left: i32, right: i32): usize {
  const isNaN = value != value;
  for (let h = top; h < bottom; ++h) {
    let at = x + bytes<T>(usize(h) * W + left);
    for (let w = left; w < right; ++w, at += sizeof<T>()) {
      const own = load<T>(at);
      if (isNaN ? own != own : own == value) return at;
    }
  }
  return x + bytes<T>(usize(top) * W + left); // not reached: y is of this x
}

/**
 * (2)
 *
 * @param dx   out [planes,H,W]
 * @param dy   in  [planes,OH,OW]
 * @param y    in  [planes,OH,OW]
 * @param x    in  [planes,H,W]
 */
export function maxPool2dBackward<T extends number>(dx: usize, dy: usize, y: usize, x: usize, plan: usize): void {
  const p = changetype<Pool2dPlan>(plan), size = bytes<T>(usize(p.H) * p.W);
  memory.fill(dx, 0, usize(p.planes) * size);
  for (let plane = 0; plane < p.planes; ++plane, x += size, dx += size) {
    for (let i = 0, h = -p.paddingH; i < p.OH; ++i, h += p.strideH) {
      for (let j = 0, w = -p.paddingW; j < p.OW; ++j, w += p.strideW, y += sizeof<T>(), dy += sizeof<T>()) {
        const at = placeOf<T>(x, load<T>(y), p.W, max(h, 0), min(h + p.KH, p.H), max(w, 0), min(w + p.KW, p.W));
        const to = dx + (at - x);
        store<T>(to, <T>(load<T>(to) + load<T>(dy))); // (2)
      }
    }
  }
}

/** (4) Arguments as in maxPool2dBackward. */
export function avgPool2dBackward<T extends number>(dx: usize, dy: usize, plan: usize): void {
  const p = changetype<Pool2dPlan>(plan), size = bytes<T>(usize(p.H) * p.W);
  const divisor = <T>(<f64>p.KH * p.KW);
  memory.fill(dx, 0, usize(p.planes) * size);
  for (let plane = 0; plane < p.planes; ++plane, dx += size) {
    for (let i = 0, h = -p.paddingH; i < p.OH; ++i, h += p.strideH) {
      for (let j = 0, w = -p.paddingW; j < p.OW; ++j, w += p.strideW, dy += sizeof<T>()) {
        const part = <T>(load<T>(dy) / divisor), bottom = min(h + p.KH, p.H), right = min(w + p.KW, p.W);
        for (let r = max(h, 0); r < bottom; ++r) {
          let to = dx + bytes<T>(usize(r) * p.W + max(w, 0));
          const end = dx + bytes<T>(usize(r) * p.W + right);
          for (; to < end; to += sizeof<T>()) store<T>(to, <T>(load<T>(to) + part)); // (4)
        }
      }
    }
  }
}

/**
 * The gradient of a convolution's x (conv2d.ts):
 *
 *   dx[n,c,h,w] = Σ_o,i,j w[o,c,i,j]·dy[n,o,p,q],  p·strideH = h + paddingH − i·dilationH, q likewise         (1)
 *
 * Rows h fall into strideH phases by (h + paddingH) mod strideH, and each meets only the taps i whose i·dilationH leaves the same remainder, columns
 * likewise: each phase is a correlation of dy with its own taps and stride 1, and all phases together have as many products as the forward pass.
 */
import { bytes } from "../vec";
import { Conv2dPlan, laidSize, lay } from "./conv_plan";
import { correlate } from "./conv_tiles";

/** Zeros in front of dy, so that the last tap finds them. */
// @ts-ignore: decorator
@inline function lead(taps: i32, dilation: i32, stride: i32): i32 {
  return (taps - 1) * dilation / stride;
}

/** Rows or columns of dy with the zeros around it. */
// @ts-ignore: decorator
@inline function laidAlong(size: i32, taps: i32, dilation: i32, stride: i32, padding: i32): i32 {
  return lead(taps, dilation, stride) + (size - 1 + padding) / stride + 1;
}

/** The first of dx in a phase. */
// @ts-ignore: decorator
@inline function firstOf(phase: i32, stride: i32, padding: i32): i32 {
  return (phase - padding % stride + stride) % stride;
}

/** How many of dx are in a phase. */
// @ts-ignore: decorator
@inline function countOf(size: i32, first: i32, stride: i32): i32 {
  return first < size ? (size - first - 1) / stride + 1 : 0;
}

/** How many taps meet a phase. */
function tapsOf(taps: i32, dilation: i32, stride: i32, phase: i32): i32 {
  let count = 0;
  for (let i = 0; i < taps; ++i) if (i * dilation % stride == phase) ++count;
  return count;
}

/** Elements of one phase of dx, at most. */
// @ts-ignore: decorator
@inline function partSize(p: Conv2dPlan): f64 {
  return f64(p.C) * ((p.H - 1) / p.strideH + 1) * ((p.W - 1) / p.strideW + 1);
}

// @ts-ignore: decorator
@inline function pictureSize<T extends number>(p: Conv2dPlan): f64 {
  return laidSize<T>(p.O, laidAlong(p.H, p.KH, p.dilationH, p.strideH, p.paddingH), laidAlong(p.W, p.KW, p.dilationW, p.strideW, p.paddingW));
}

/** Bytes of scratch. An f64: they may be more than a memory holds. */
export function conv2dInputScratch<T extends number>(plan: usize): f64 {
  const p = changetype<Conv2dPlan>(plan), weights = f64(p.O) * p.C * p.KH * p.KW;
  return sizeof<T>() * (weights + pictureSize<T>(p) + partSize(p)) + 4 * f64(p.O) * p.KH * p.KW;
}

/** Weights and distances of all phases, one behind the other: [C,O,taps] each, and [O,taps]. */
function arrange<T extends number>(weights: usize, offset: usize, w: usize, p: Conv2dPlan, rows: i32, columns: i32): void {
  const leadH = lead(p.KH, p.dilationH, p.strideH), leadW = lead(p.KW, p.dilationW, p.strideW);
  for (let a = 0; a < p.strideH; ++a) {
    if (tapsOf(p.KH, p.dilationH, p.strideH, a) == 0) continue;
    for (let b = 0; b < p.strideW; ++b) {
      if (tapsOf(p.KW, p.dilationW, p.strideW, b) == 0) continue;
      for (let c = 0; c < p.C; ++c) {
        for (let o = 0; o < p.O; ++o) {
          for (let i = 0; i < p.KH; ++i) {
            if (i * p.dilationH % p.strideH != a) continue;
            for (let j = 0; j < p.KW; ++j) {
              if (j * p.dilationW % p.strideW != b) continue;
              store<T>(weights, load<T>(w + bytes<T>(usize(((o * p.C + c) * p.KH + i) * p.KW + j))));
              weights += sizeof<T>();
              if (c > 0) continue;
              const row = leadH - i * p.dilationH / p.strideH, column = leadW - j * p.dilationW / p.strideW;
              store<u32>(offset, u32(bytes<T>((o * rows + row) * columns + column)));
              offset += 4;
            }
          }
        }
      }
    }
  }
}

/** One phase to its places in dx. */
function spread<T extends number>(dx: usize, part: usize, p: Conv2dPlan, top: i32, left: i32, rows: i32, columns: i32): void {
  const step = bytes<T>(p.strideW);
  for (let c = 0; c < p.C; ++c) {
    for (let u = 0; u < rows; ++u) {
      let to = dx + bytes<T>(usize(c * p.H + top + u * p.strideH) * p.W + left);
      for (const end = part + bytes<T>(columns); part < end; part += sizeof<T>(), to += step) store<T>(to, load<T>(part));
    }
  }
}

/**
 * (1) The pair of conv2d.
 *
 * @param dx       out     [N,groups·C,H,W]
 * @param dy       in      [N,groups·O,OH,OW]
 * @param w        in      [groups·O,C,KH,KW]
 * @param scratch  scratch conv2dInputScratch bytes, a multiple of 8
 * @param plan     in      Conv2dPlan
 */
export function conv2dInput<T extends number>(dx: usize, dy: usize, w: usize, scratch: usize, plan: usize): void {
  const p = changetype<Conv2dPlan>(plan), size = usize(pictureSize<T>(p)), weights = p.O * p.C * p.KH * p.KW;
  const rows = laidAlong(p.H, p.KH, p.dilationH, p.strideH, p.paddingH), columns = laidAlong(p.W, p.KW, p.dilationW, p.strideW, p.paddingW);
  const top = lead(p.KH, p.dilationH, p.strideH), left = lead(p.KW, p.dilationW, p.strideW);
  const picture = scratch + bytes<T>(weights), part = picture + bytes<T>(size), offset = part + bytes<T>(usize(partSize(p)));
  const planeX = bytes<T>(usize(p.C * p.H) * p.W), planeY = bytes<T>(usize(p.O * p.OH) * p.OW);
  memory.fill(picture, 0, bytes<T>(size));
  for (let g = 0; g < p.groups; ++g) {
    arrange<T>(scratch, offset, w + bytes<T>(g * weights), p, rows, columns);
    for (let n = 0; n < p.N; ++n) {
      const at = usize(n * p.groups + g);
      lay<T>(picture, dy + at * planeY, p.O, p.OH, p.OW, top, left, rows, 1, columns);
      phases<T>(dx + at * planeX, picture, part, offset, scratch, p, columns);
    }
  }
}

/** All phases of one picture. */
function phases<T extends number>(dx: usize, picture: usize, part: usize, offset: usize, weights: usize, p: Conv2dPlan, columns: i32): void {
  const whole = p.strideH == 1 && p.strideW == 1;
  for (let a = 0; a < p.strideH; ++a) {
    const top = firstOf(a, p.strideH, p.paddingH), height = countOf(p.H, top, p.strideH), tapsH = tapsOf(p.KH, p.dilationH, p.strideH, a);
    for (let b = 0; b < p.strideW; ++b) {
      const left = firstOf(b, p.strideW, p.paddingW), width = countOf(p.W, left, p.strideW);
      const K = p.O * tapsH * tapsOf(p.KW, p.dilationW, p.strideW, b);
      if (height > 0 && width > 0) {
        const from = picture + bytes<T>((top + p.paddingH) / p.strideH * columns + (left + p.paddingW) / p.strideW);
        const to = whole ? dx : part;
        correlate<T>(to, from, bytes<T>(columns), offset, weights, 0, p.C, K, height, width); // (1)
        if (!whole) spread<T>(dx, part, p, top, left, height, width);
      }
      weights += bytes<T>(p.C * K);
      offset += usize(K) << 2;
    }
  }
}

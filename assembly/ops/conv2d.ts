/**
 * Convolution of pictures, as PyTorch means it (the weights are not flipped); groups of channels each for themselves:
 *
 *   y[n,o,p,q] = bias[o] + Σ_c,i,j w[o,c,i,j]·x[n,c, p·s − pad + i·d, q·s − pad + j·d], zeros outside of x        (1)
 *   dx[n,c,h,w] = Σ_o,i,j w[o,c,i,j]·dy[n,o,p,q]  over the p·s = h + pad − i·d, q likewise                      (2)
 *   dw[o,c,i,j] += Σ_n,p,q dy[n,o,p,q]·x[n,c, p·s − pad + i·d, q·s − pad + j·d]                                   (3)
 *   dbias[o] += Σ_n,p,q dy[n,o,p,q]                                                                             (4)
 *
 * Cost: 2·N·O·OH·OW·(C/groups)·KH·KW flop each, bound by arithmetic from four channels of y on ((2): of x). Pictures go one by one: a picture's
 * bits do not depend on its batch. (3) and (4) add the pictures up in f64. (2) is in conv2d_input.ts.
 */
import { addSums } from "../blas";
import { bytes, LANES, VEC_BYTES, vloadPart, zero } from "../vec";
import { addWide, hsum } from "../vec_wide";
import { Conv2dPlan, laidRows, laidSize, lay, offsets, phaseColumns } from "./conv_plan";
import { correlate, correlateTaps } from "./conv_tiles";

/** Elements of x̂. */
// @ts-ignore: decorator
@inline function laid<T extends number>(p: Conv2dPlan): f64 {
  return laidSize<T>(p.C, laidRows(p), p.strideW * phaseColumns(p));
}

/** Elements of a group's weights. */
// @ts-ignore: decorator
@inline function weightsOf(p: Conv2dPlan): i32 {
  return p.O * p.C * p.KH * p.KW;
}

/** Bytes of the sums of (3). */
// @ts-ignore: decorator
@inline function sumBytes(p: Conv2dPlan): f64 {
  return 8 * f64(weightsOf(p)) * p.groups;
}

/**
 * Bytes of scratch for (1), or for (3) where `weights` is not 0. An f64: they may be more than a memory holds.
 */
export function conv2dScratch<T extends number>(plan: usize, weights: i32): f64 {
  const p = changetype<Conv2dPlan>(plan);
  return (weights ? sumBytes(p) : 0) + laid<T>(p) * sizeof<T>() + 4 * f64(p.C) * p.KH * p.KW;
}

/**
 * (1)
 *
 * @param y        out     [N,groups·O,OH,OW]
 * @param x        in      [N,groups·C,H,W]
 * @param w        in      [groups·O,C,KH,KW]
 * @param bias     in      [groups·O]; the null pointer means zeros
 * @param scratch  scratch conv2dScratch bytes, a multiple of 8
 * @param plan     in      Conv2dPlan
 */
export function conv2d<T extends number>(y: usize, x: usize, w: usize, bias: usize, scratch: usize, plan: usize): void {
  const p = changetype<Conv2dPlan>(plan);
  const rows = laidRows(p), columns = phaseColumns(p), K = p.C * p.KH * p.KW, size = laid<T>(p);
  const offset = scratch + bytes<T>(usize(size)), step = bytes<T>(p.strideH * p.strideW * columns);
  memory.fill(scratch, 0, bytes<T>(usize(size)));
  offsets<T>(offset, p.C, p.KH, p.KW, rows, p.strideW, columns, p.dilationH, p.dilationW);
  for (let n = 0; n < p.N; ++n) {
    for (let g = 0; g < p.groups; ++g) {
      lay<T>(scratch, x, p.C, p.H, p.W, p.paddingH, p.paddingW, rows, p.strideW, columns);
      const own = bias ? bias + bytes<T>(g * p.O) : 0;
      correlate<T>(y, scratch, step, offset, w + bytes<T>(g * weightsOf(p)), own, p.O, K, p.OH, p.OW); // (1)
      x += bytes<T>(usize(p.C * p.H) * p.W);
      y += bytes<T>(usize(p.O * p.OH) * p.OW);
    }
  }
}

/**
 * (3) Arguments as in conv2d.
 *
 * @param dw  +=  [groups·O,C,KH,KW]
 */
export function conv2dWeights<T extends number>(dw: usize, dy: usize, x: usize, scratch: usize, plan: usize): void {
  const p = changetype<Conv2dPlan>(plan);
  const rows = laidRows(p), columns = phaseColumns(p), K = p.C * p.KH * p.KW, size = laid<T>(p), weights = weightsOf(p);
  const picture = scratch + usize(sumBytes(p)), offset = picture + bytes<T>(usize(size)), step = bytes<T>(p.strideH * p.strideW * columns);
  memory.fill(scratch, 0, usize(p.groups * weights) << 3);
  memory.fill(picture, 0, bytes<T>(usize(size)));
  offsets<T>(offset, p.C, p.KH, p.KW, rows, p.strideW, columns, p.dilationH, p.dilationW);
  for (let n = 0; n < p.N; ++n) {
    for (let g = 0; g < p.groups; ++g) {
      lay<T>(picture, x, p.C, p.H, p.W, p.paddingH, p.paddingW, rows, p.strideW, columns);
      correlateTaps<T>(scratch + (usize(g * weights) << 3), dy, picture, step, offset, p.O, K, p.OH, p.OW); // (3)
      x += bytes<T>(usize(p.C * p.H) * p.W);
      dy += bytes<T>(usize(p.O * p.OH) * p.OW);
    }
  }
  addSums<T>(dw, scratch, p.groups * weights);
}

/**
 * (4)
 *
 * @param dbias  +=  [O]
 * @param dy     in  [N,O,places]
 */
export function conv2dBias<T extends number>(dbias: usize, dy: usize, N: i32, O: i32, places: i32): void {
  for (let o = 0; o < O; ++o, dbias += sizeof<T>()) {
    let sum = zero();
    for (let n = 0; n < N; ++n) {
      let at = dy + bytes<T>(usize(n * O + o) * places);
      for (let left = places; left > 0; left -= LANES<T>(), at += VEC_BYTES) sum = addWide<T>(vloadPart<T>(at, left), sum); // (4)
    }
    store<T>(dbias, <T>(<f64>load<T>(dbias) + hsum<f64>(sum)));
  }
}

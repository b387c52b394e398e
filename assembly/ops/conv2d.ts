/**
 * Convolution of pictures, as PyTorch means it (the weights are not flipped); groups of channels each for themselves:
 *
 *   y[n,o,p,q] = bias[o] + Σ_c,i,j w[o,c,i,j]·x[n,c, p·s − pad + i·d, q·s − pad + j·d], zeros outside of x        (1)
 *   dx[n,c,h,w] = Σ_o,i,j w[o,c,i,j]·dy[n,o,p,q]  over the places that x[h,w] went to: (1) over dy, its elements
 *                 s apart with zeros between them, by the weights turned about                                  (2)
 *   dw[o,c,i,j] += Σ_n,p,q dy[n,o,p,q]·x[n,c, p·s − pad + i·d, q·s − pad + j·d]                                   (3)
 *   dbias[o] += Σ_n,p,q dy[n,o,p,q]                                                                             (4)
 *
 * Cost: 2·N·O·OH·OW·(C/groups)·KH·KW flop for (1) and (3), bound by arithmetic from four channels of y on; (2) the same with the places of dx,
 * s² times as many where s > 1. Pictures go one by one: a picture's bits do not depend on its batch. (3) and (4) add the pictures up in f64.
 */
import { addSums } from "../blas";
import { bytes, LANES, vloadPart, zero } from "../vec";
import { addWide, hsum } from "../vec_wide";
import { Conv2dPlan, laidRows, laidSize, lay, offsets, phaseColumns } from "./conv_plan";
import { correlate, correlateTaps } from "./conv_tiles";

/** What scratch is for. */
// @ts-ignore: decorator
@inline const FORWARD: i32 = 0;
// @ts-ignore: decorator
@inline const INPUT: i32 = 1;

/** Rows and columns of dy, laid out for (2). */
// @ts-ignore: decorator
@inline function rowsForInput(p: Conv2dPlan): i32 {
  return p.H + (p.KH - 1) * p.dilationH;
}

// @ts-ignore: decorator
@inline function columnsForInput(p: Conv2dPlan): i32 {
  return p.W + (p.KW - 1) * p.dilationW;
}

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

/** Bytes of sums and weights, which come first: a multiple of 16. */
// @ts-ignore: decorator
@inline function front<T extends number>(p: Conv2dPlan, pass: i32): f64 {
  if (pass == FORWARD) return 0;
  return Math.ceil(f64(weightsOf(p)) * (pass == INPUT ? sizeof<T>() : 8 * p.groups) / 16) * 16;
}

/**
 * Bytes of scratch. An f64: they may be more than a memory holds.
 *
 * @param pass  0 forward, 1 for x, 2 for the weights
 */
export function conv2dScratch<T extends number>(plan: usize, pass: i32): f64 {
  const p = changetype<Conv2dPlan>(plan);
  const picture = pass == INPUT ? laidSize<T>(p.O, rowsForInput(p), columnsForInput(p)) : laid<T>(p);
  return front<T>(p, pass) + picture * sizeof<T>() + 4 * f64(p.KH) * p.KW * (pass == INPUT ? p.O : p.C);
}

/**
 * (1)
 *
 * @param y        out     [N,groups·O,OH,OW]
 * @param x        in      [N,groups·C,H,W]
 * @param w        in      [groups·O,C,KH,KW]
 * @param bias     in      [groups·O]; the null pointer means zeros
 * @param scratch  scratch conv2dScratch bytes
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
      lay<T>(scratch, x, p.C, p.H, p.W, p.paddingH, p.paddingW, 1, 1, rows, p.strideW, columns);
      const own = bias ? bias + bytes<T>(g * p.O) : 0;
      correlate<T>(y, scratch, step, offset, w + bytes<T>(g * weightsOf(p)), own, p.O, K, p.OH, p.OW); // (1)
      x += bytes<T>(usize(p.C * p.H) * p.W);
      y += bytes<T>(usize(p.O * p.OH) * p.OW);
    }
  }
}

/** Weights turned about, from [O,C,KH·KW] to [C,O,KH·KW]. */
function turn<T extends number>(to: usize, w: usize, O: i32, C: i32, taps: i32): void {
  for (let c = 0; c < C; ++c) {
    for (let o = 0; o < O; ++o) {
      let from = w + bytes<T>(usize((o * C + c + 1) * taps));
      for (let k = 0; k < taps; ++k, to += sizeof<T>()) {
        from -= sizeof<T>();
        store<T>(to, load<T>(from));
      }
    }
  }
}

/**
 * (2) Arguments as in conv2d.
 *
 * @param dx  out [N,groups·C,H,W]
 * @param dy  in  [N,groups·O,OH,OW]
 */
export function conv2dInput<T extends number>(dx: usize, dy: usize, w: usize, scratch: usize, plan: usize): void {
  const p = changetype<Conv2dPlan>(plan);
  const rows = rowsForInput(p), columns = columnsForInput(p), taps = p.KH * p.KW, K = p.O * taps;
  const size = laidSize<T>(p.O, rows, columns), picture = scratch + usize(front<T>(p, INPUT)), offset = picture + bytes<T>(usize(size));
  const top = (p.KH - 1) * p.dilationH - p.paddingH, left = (p.KW - 1) * p.dilationW - p.paddingW;
  const planeX = bytes<T>(usize(p.C * p.H) * p.W), planeY = bytes<T>(usize(p.O * p.OH) * p.OW);
  memory.fill(picture, 0, bytes<T>(usize(size)));
  offsets<T>(offset, p.O, p.KH, p.KW, rows, 1, columns, p.dilationH, p.dilationW);
  for (let g = 0; g < p.groups; ++g) {
    turn<T>(scratch, w + bytes<T>(g * weightsOf(p)), p.O, p.C, taps);
    for (let n = 0; n < p.N; ++n) {
      const at = usize(n * p.groups + g);
      lay<T>(picture, dy + at * planeY, p.O, p.OH, p.OW, top, left, p.strideH, p.strideW, rows, 1, columns);
      correlate<T>(dx + at * planeX, picture, bytes<T>(columns), offset, scratch, 0, p.C, K, p.H, p.W); // (2)
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
  const picture = scratch + usize(front<T>(p, 2)), offset = picture + bytes<T>(usize(size)), step = bytes<T>(p.strideH * p.strideW * columns);
  memory.fill(scratch, 0, usize(p.groups * weights) << 3);
  memory.fill(picture, 0, bytes<T>(usize(size)));
  offsets<T>(offset, p.C, p.KH, p.KW, rows, p.strideW, columns, p.dilationH, p.dilationW);
  for (let n = 0; n < p.N; ++n) {
    for (let g = 0; g < p.groups; ++g) {
      lay<T>(picture, x, p.C, p.H, p.W, p.paddingH, p.paddingW, 1, 1, rows, p.strideW, columns);
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
      for (let left = places; left > 0; left -= LANES<T>(), at += 16) sum = addWide<T>(vloadPart<T>(at, left), sum); // (4)
    }
    store<T>(dbias, <T>(<f64>load<T>(dbias) + hsum<f64>(sum)));
  }
}

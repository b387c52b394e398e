/**
 * A convolution along one axis as a product with weights that are known. Channels go last, so that what a window reads lies in one piece, and windows
 * of one tap after another are rows that overlap: nothing is laid out twice.
 *
 *   y[p, o] = b[o] + Σ_k Σ_c x[p·stride + k·dilation, c]·w[o, c, k]
 */
import { sizeOf } from "../checks.js";
import { type Region, whole } from "../ops/strides.js";
import { bytesPer, type FloatType, type Tensor } from "../tensor.js";
import { activationOf } from "./epilogue.js";
import type { Window } from "./fold/windows.js";
import { moveOf } from "./moves.js";
import type { OnnxNode } from "./node.js";
import type { Build, Value } from "./operator.js";
import { floatTypeOf, type PackedMatrix } from "./packed.js";

/** The window without taps that lie in the padding at every place. @returns it, and how many taps are left out at its beginning */
export function trimmed(window: Window): { window: Window; skipped: number } {
  const { taps, places, stride, dilation, size } = window;
  let { before, after } = window;
  const meets = (tap: number) => {
    const first = tap * dilation - before;
    return first < size && first + (places - 1) * stride >= 0;
  };
  let skipped = 0;
  while (skipped < taps - 1 && !meets(skipped)) skipped++;
  let last = taps - 1;
  while (last > skipped && !meets(last)) last--;
  before -= skipped * dilation;
  after = Math.max((places - 1) * stride + (last - skipped) * dilation + 1 - before - size, 0);
  return { window: { ...window, taps: last - skipped + 1, before, after }, skipped };
}

/** @param x [N, C, L] @param weights [O, taps·C], channels within taps @param window trimmed @returns [N, O, places] */
export function convolveRows(build: Build, node: OnnxNode, x: Value, weights: PackedMatrix, window: Window): Tensor {
  const dtype = floatTypeOf(x);
  const size = bytesPer(dtype);
  const [N, C] = x.shape as [number, number];
  const { O } = weights;
  const { places, taps, dilation, stride } = window;
  const y = build.empty(x.type, [N, O, places]);
  const laid = laidRows(build, dtype, x, window);
  const isTurned = O > 1 && places > 1;
  const rows = isTurned ? build.empty(x.type, [N, places, O]) : y;
  const { gemm } = build.runtime.kernels(dtype);
  const cuts = dilation === 1 ? 1 : taps;
  const calls = Array.from({ length: N * cuts }, (_, i) => {
    const [n, cut] = [Math.floor(i / cuts), i % cuts];
    const c = rows.pointer() + n * places * O * size;
    return {
      ...{ c, ldc: O * size, a: laid.at + (n * laid.rows + cut * dilation) * C * size, lda: stride * C * size },
      ...{ b: weights.at + cut * C * weights.rowBytes, panelBytes: weights.panelBytes },
      ...(cut === 0 ? { init: weights.bias, ldi: 0 } : { init: c, ldi: O * size }),
      ...{ M: places, K: weights.K / cuts, cols: O },
    };
  });
  const steps = [laid.fill, ...calls.map((args) => () => gemm(args)), activationOf(build, node, dtype, rows.pointer(), rows.size)];
  if (isTurned) {
    const back: Region = { offset: 0, shape: [N, O, places], strides: [places * O, 1, O] };
    steps.push(moveOf(build, dtype, [y.pointer(), whole(y.shape)], [rows.pointer(), back]));
  }
  const [first, second, third, fourth, ...more] = steps.filter((step) => step !== undefined);
  build.step(() => {
    first?.();
    second?.();
    third?.();
    fourth?.();
    for (const step of more) step();
  });
  return y;
}

/** [N, rows, C] with its padding; x itself, where that is what it is. */
function laidRows(build: Build, dtype: FloatType, x: Value, { before, after }: Window): { at: number; rows: number; fill?: () => void } {
  const from = build.tensor(x).pointer();
  const [N, C, L] = x.shape as [number, number, number];
  const first = Math.max(before, 0);
  const rows = first + L + after;
  if (first + after === 0 && (C === 1 || L === 1)) return { at: from - Math.min(before, 0) * C * bytesPer(dtype), rows };
  const at = build.take(N * rows * C * bytesPer(dtype));
  build.runtime.view(dtype, at, N * rows * C).fill(0);
  const to: Region = { offset: first * C, shape: [N, L, C], strides: [rows * C, C, 1] };
  const own: Region = { offset: 0, shape: [N, L, C], strides: [C * L, 1, L] };
  const fill = moveOf(build, dtype, [at, to], [from, own]);
  return { at: at - Math.min(before, 0) * C * bytesPer(dtype), rows, fill };
}

/** Whether a packed product is the way: it reads each weight once a row, and rows are few. */
export function isForRows(x: Value, windows: readonly Window[], groups: number): boolean {
  return windows.length === 1 && groups === 1 && sizeOf(x.shape) > 0;
}

/** Convolutions in JavaScript, by the definition, in as many axes as there are. */
import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { arrayFor, type Constant } from "../constant.js";
import { stridesOf } from "./regions.js";
import type { Window } from "./windows.js";

const MOST_READS = 2 ** 26;

/** Which element of the input each tap of each place reads; −1: padding. [places, taps], both over all axes of space. */
export function readsOf(windows: readonly Window[]): Int32Array {
  const places = windows.map((window) => window.places);
  const taps = windows.map((window) => window.taps);
  const strides = stridesOf(windows.map(({ size }) => size));
  const [P, K] = [sizeOf(places), sizeOf(taps)];
  if (P * K > MOST_READS) throw new FormatError(`onnx: expected at most ${MOST_READS} taps of all windows, got ${P * K}`);
  const reads = new Int32Array(P * K);
  for (let p = 0; p < P; p++)
    for (let k = 0; k < K; k++) {
      let [place, tap, at] = [p, k, 0];
      for (let d = windows.length - 1; d >= 0 && at >= 0; d--) {
        const { size, stride, dilation, before } = windows[d] as Window;
        const [n, m] = [places[d] as number, taps[d] as number];
        const i = (place % n) * stride + (tap % m) * dilation - before;
        at = i < 0 || i >= size ? -1 : at + i * (strides[d] as number);
        place = Math.floor(place / n);
        tap = Math.floor(tap / m);
      }
      reads[p * K + k] = at;
    }
  return reads;
}

/** @param x [N, C, …] @param weight [O, C / groups, …] @param bias [O] @returns [N, O, …] */
export function convolve(x: Constant, weight: Constant, bias: Constant | undefined, windows: readonly Window[], groups: number): Constant {
  const [N, C, O] = [x.shape[0] as number, x.shape[1] as number, weight.shape[0] as number];
  const reads = readsOf(windows);
  const [S, P, K] = [sizeOf(x.shape.slice(2)), sizeOf(windows.map(({ places }) => places)), sizeOf(weight.shape.slice(2))];
  const shape = [N, O, ...windows.map(({ places }) => places)];
  const data = arrayFor(x.type, sizeOf(shape));
  const own = C / groups;
  for (let n = 0; n < N; n++)
    for (let o = 0; o < O; o++) {
      const first = Math.floor(o / (O / groups)) * own;
      for (let p = 0; p < P; p++) {
        let sum = bias ? (bias.data[o] as number) : 0;
        for (let c = 0; c < own; c++)
          for (let k = 0; k < K; k++) {
            const at = reads[p * K + k] as number;
            if (at >= 0) sum += (x.data[(n * C + first + c) * S + at] as number) * (weight.data[(o * own + c) * K + k] as number);
          }
        data[(n * O + o) * P + p] = sum;
      }
    }
  return { type: x.type, shape, data };
}

/**
 * The convolution turned round: what each place of x adds to where it would have read.
 *
 * @param x [N, C, …], places of the windows @param weight [C, O / groups, …] @param bias [O] @returns [N, O, …], the windows' sizes
 */
export function convolveBack(
  x: Constant,
  weight: Constant,
  bias: Constant | undefined,
  windows: readonly Window[],
  groups: number,
): Constant {
  const [N, C, own] = [x.shape[0] as number, x.shape[1] as number, weight.shape[1] as number];
  const O = own * groups;
  const reads = readsOf(windows);
  const [P, S, K] = [sizeOf(x.shape.slice(2)), sizeOf(windows.map(({ size }) => size)), sizeOf(weight.shape.slice(2))];
  const shape = [N, O, ...windows.map(({ size }) => size)];
  const data = arrayFor(x.type, sizeOf(shape));
  const sums = new Float64Array(data.length);
  if (bias) for (let i = 0; i < sums.length; i++) sums[i] = bias.data[Math.floor(i / S) % O] as number;
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++) {
      const first = n * O + Math.floor(c / (C / groups)) * own;
      for (let o = 0; o < own; o++)
        for (let p = 0; p < P; p++)
          for (let k = 0; k < K; k++) {
            const at = reads[p * K + k] as number;
            if (at < 0) continue;
            const to = (first + o) * S + at;
            sums[to] = (sums[to] as number) + (x.data[(n * C + c) * P + p] as number) * (weight.data[(c * own + o) * K + k] as number);
          }
    }
  data.set(sums);
  return { type: x.type, shape, data };
}

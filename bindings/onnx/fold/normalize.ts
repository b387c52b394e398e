/** What brings rows to mean 0 and variance 1, in JavaScript. */
import { sizeOf } from "../../checks.js";
import { arrayFor, type Constant } from "../constant.js";

/** Means and reciprocals of deviations of rows that lie one after another. */
export interface Normalized {
  readonly y: Constant;
  readonly mean: Float64Array;
  readonly inverse: Float64Array;
}

/** @param row elements of a row @param scaled (value, place) → result */
export function normalizeRows(x: Constant, row: number, epsilon: number, scaled: (value: number, place: number) => number): Normalized {
  const rows = row === 0 ? 0 : x.data.length / row;
  const data = arrayFor(x.type, x.data.length);
  const [mean, inverse] = [new Float64Array(rows), new Float64Array(rows)];
  for (let r = 0; r < rows; r++) {
    let [sum, squares] = [0, 0];
    for (let i = r * row; i < (r + 1) * row; i++) sum += x.data[i] as number;
    const middle = sum / row;
    for (let i = r * row; i < (r + 1) * row; i++) squares += ((x.data[i] as number) - middle) ** 2;
    const factor = 1 / Math.sqrt(squares / row + epsilon);
    for (let i = r * row; i < (r + 1) * row; i++) data[i] = scaled(((x.data[i] as number) - middle) * factor, i);
    mean[r] = middle;
    inverse[r] = factor;
  }
  return { y: { type: x.type, shape: x.shape, data }, mean, inverse };
}

/** Softmax, or its logarithm, of axis R of [outer, R, inner]. */
export function softmaxAlong(x: Constant, first: number, last: number, isLog: boolean): Constant {
  const [R, inner] = [sizeOf(x.shape.slice(first, last)), sizeOf(x.shape.slice(last))];
  const data = arrayFor(x.type, x.data.length);
  for (let at = 0; at < data.length; at += R * inner)
    for (let i = at; i < at + inner; i++) {
      let [most, sum] = [Number.NEGATIVE_INFINITY, 0];
      for (let r = 0; r < R; r++) most = Math.max(most, x.data[i + r * inner] as number);
      for (let r = 0; r < R; r++) sum += Math.exp((x.data[i + r * inner] as number) - most);
      for (let r = 0; r < R; r++) {
        const z = (x.data[i + r * inner] as number) - most;
        data[i + r * inner] = isLog ? z - Math.log(sum) : Math.exp(z) / sum;
      }
    }
  return { type: x.type, shape: x.shape, data };
}

/** Products of matrices in JavaScript, in batches that broadcast. */
import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { arrayFor, type Constant } from "../constant.js";
import { broadcast } from "./elementwise.js";
import { stridesOf } from "./regions.js";

/** Shapes of a product: of one axis is a row on the left and a column on the right. @throws {FormatError} */
export function productShapes(
  a: readonly number[],
  b: readonly number[],
): { left: number[]; right: number[]; batch: number[]; shape: number[] } {
  const left = a.length === 1 ? [1, ...a] : [...a];
  const right = b.length === 1 ? [...b, 1] : [...b];
  if (left.length < 2 || right.length < 2 || left.at(-1) !== right.at(-2))
    throw new FormatError(`onnx: expected matrices that can be multiplied, got [${a.join(", ")}] and [${b.join(", ")}]`);
  const batch = broadcast([left.slice(0, -2), right.slice(0, -2)]);
  const ends = [...(a.length === 1 ? [] : left.slice(-2, -1)), ...(b.length === 1 ? [] : right.slice(-1))];
  return { left, right, batch, shape: [...batch, ...ends] };
}

/** NumPy's matmul. @throws {FormatError} */
export function multiply(a: Constant, b: Constant): Constant {
  const { left, right, batch, shape } = productShapes(a.shape, b.shape);
  const [M, K, N] = [left.at(-2) as number, left.at(-1) as number, right.at(-1) as number];
  const data = arrayFor(a.type, sizeOf(shape));
  const places = stridesOf(batch);
  for (let i = 0; i < sizeOf(batch); i++) {
    const at = (own: readonly number[]) => {
      const strides = stridesOf(own);
      return own.reduce((sum, size, d) => {
        const axis = batch.length - own.length + d;
        const index = Math.floor(i / (places[axis] as number)) % (batch[axis] as number);
        return sum + (size === 1 ? 0 : index * (strides[d] as number));
      }, 0);
    };
    const [from, by] = [at(left.slice(0, -2)) * M * K, at(right.slice(0, -2)) * K * N];
    for (let m = 0; m < M; m++)
      for (let n = 0; n < N; n++) {
        let sum = 0;
        for (let k = 0; k < K; k++) sum += (a.data[from + m * K + k] as number) * (b.data[by + k * N + n] as number);
        data[(i * M + m) * N + n] = sum;
      }
  }
  return { type: a.type, shape, data };
}

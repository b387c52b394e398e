/** The notebook's arrays, and the way between its order, samples in columns, and the layers', time outermost. */
import { asItIs, checkData, checkShape, lengthOf, sameShape, show, sizeOf, typedKind } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { copyOf, type FloatArray, type FloatType, zerosOf } from "../tensor.js";

/** An array as NumPy has it: row-major, its data outside linear memory. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly data: FloatArray;
}

export class Arrays {
  constructor(readonly dtype: FloatType) {}

  /** A copy of the data in a shape. @throws {ShapeError} @throws {ArgumentError} */
  make(shape: readonly number[], data: ArrayLike<number>): NdArray {
    const checked = checkShape("shape", shape);
    return { shape: checked, data: copyOf(this.dtype, checkData("data", data, sizeOf(checked))) as FloatArray };
  }

  zeros(...shape: number[]): NdArray {
    return { shape, data: zerosOf(this.dtype, sizeOf(shape)) as FloatArray };
  }

  /** The array's parts, each read once, after a check that it is one, of this shape where one is given. */
  check(argument: string, array: NdArray | undefined, shape?: readonly number[]): NdArray {
    const { shape: axes, data } = array ?? {};
    const length = ["Float32Array", "Float64Array"].includes(typedKind(data) ?? "") ? lengthOf(data) : undefined;
    if (length === undefined || !Array.isArray(axes)) throw new ArgumentError(argument, "an array (of nb.array())", show(array));
    const own = checkShape(`${argument}.shape`, axes);
    if (sizeOf(own) !== length) throw new ArgumentError(argument, "an array (of nb.array())", show(array));
    if (shape && !sameShape(own, shape)) throw new ShapeError(argument, show([...shape]), show([...own]));
    return { shape: own, data: asItIs(data as FloatArray) as FloatArray };
  }

  /** (F, m) or (F, m, T) to [T,m,F]. */
  toTime({ shape, data }: NdArray): FloatArray {
    const [F, m, T = 1] = shape as [number, number, number?];
    const out = zerosOf(this.dtype, data.length) as FloatArray;
    for (let f = 0; f < F; f++) {
      for (let n = 0; n < m; n++) for (let t = 0; t < T; t++) out[(t * m + n) * F + f] = data[(f * m + n) * T + t] as number;
    }
    return out;
  }

  /** [T,m,F] to (F, m, T). */
  fromTime(data: ArrayLike<number>, [T, m, F]: readonly [number, number, number]): NdArray {
    const out = this.zeros(F, m, T);
    for (let t = 0; t < T; t++) {
      for (let n = 0; n < m; n++) for (let f = 0; f < F; f++) out.data[(f * m + n) * T + t] = data[(t * m + n) * F + f] as number;
    }
    return out;
  }

  /** [m,F] to (F, m). */
  fromRows(data: ArrayLike<number>, [m, F]: readonly [number, number]): NdArray {
    return this.reshape(this.fromTime(data, [1, m, F]), [F, m]);
  }

  reshape({ data }: NdArray, shape: readonly number[]): NdArray {
    return { shape, data };
  }

  /** Step t of an (F, m, T) array, as (F, m). */
  step({ shape, data }: NdArray, t: number): NdArray {
    const [F, m, T] = shape as [number, number, number];
    const out = this.zeros(F, m);
    for (let i = 0; i < F * m; i++) out.data[i] = data[i * T + t] as number;
    return out;
  }

  /** Columns [from, to) of a matrix, flat. */
  columns({ shape, data }: NdArray, from: number, to: number): FloatArray {
    const [rows, cols] = shape as [number, number];
    const out = zerosOf(this.dtype, rows * (to - from)) as FloatArray;
    for (let r = 0; r < rows; r++) out.set(data.subarray(r * cols + from, r * cols + to), r * (to - from));
    return out;
  }

  /** Flat [rows,a] and [rows,b] side by side, (rows, a + b). */
  beside(left: FloatArray, right: FloatArray, rows: number): NdArray {
    const a = left.length / rows;
    const b = right.length / rows;
    const out = this.zeros(rows, a + b);
    for (let r = 0; r < rows; r++) {
      out.data.set(left.subarray(r * a, (r + 1) * a), r * (a + b));
      out.data.set(right.subarray(r * b, (r + 1) * b), r * (a + b) + a);
    }
    return out;
  }

  /** Flat arrays one after another. */
  stack(parts: readonly FloatArray[]): FloatArray {
    const out = zerosOf(
      this.dtype,
      parts.reduce((sum, part) => sum + part.length, 0),
    ) as FloatArray;
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

/** Weights that are known, packed once for all plans. */
import { sizeOf } from "../checks.js";
import { Lease } from "../lease.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, type FloatType, storedBytes, storedRows, Tensor, type WeightStorage } from "../tensor.js";
import type { Constant } from "./constant.js";
import { dtypeOf, type ElementType } from "./element-types.js";
import type { OnnxNode } from "./node.js";
import type { Build, Value } from "./operator.js";

/** Weights [O, K] as columns of panels, and their bias. */
export interface PackedMatrix {
  readonly K: number;
  readonly O: number;
  /** Where the panels begin. */
  readonly at: number;
  /** Of a panel of K rows. */
  readonly panelBytes: number;
  /** Of one row of a panel. */
  readonly rowBytes: number;
  /** [O]; the null pointer: zeros. */
  readonly bias: number;
  readonly storage: WeightStorage;
}

/** What is to be packed. */
export interface Matrix {
  readonly K: number;
  readonly O: number;
  /** Tells it from what else the node makes of the same numbers, for other shapes. */
  readonly how?: string;
  /** Fills [O, K], row by row. */
  fill(rows: Float32Array | Float64Array): void;
  /** [O] */
  readonly bias?: ArrayLike<number> | undefined;
  readonly storage?: WeightStorage | undefined;
}

/** Of real numbers, as kernels compute them. */
export function floatTypeOf(value: Value | Constant): FloatType {
  return dtypeOf(value.type) as FloatType;
}

/** The numbers of what does not change from run to run. */
export function numbersOf(build: Build, value: Value | undefined): Constant | undefined {
  if (!value) return undefined;
  return value.constant ?? (value.isFixed ? build.constant(value, "numbers") : undefined);
}

/** Numbers that are made of others: [shape]. @throws {MemoryError} */
export function keptTensor(
  build: Build,
  node: OnnxNode,
  of: readonly Constant[],
  how: string,
  { type, shape, numbers }: { readonly type: ElementType; readonly shape: readonly number[]; numbers(): ArrayLike<number> },
): Tensor {
  const dtype = dtypeOf(type);
  const length = sizeOf(shape);
  const at = build.kept(node, of, `${how} ${dtype}`, length * bytesPer(dtype), (dst) =>
    build.runtime.view(dtype, dst, length).set(numbers()),
  );
  return new Tensor(build.runtime, at, shape, dtype, new Lease("the end of its session", build.runtime));
}

/** @param of all that it is made of @throws {MemoryError} */
export function packed(
  build: Build,
  node: OnnxNode,
  of: readonly Constant[],
  { K, O, how = "", fill, bias, ...rest }: Matrix,
): PackedMatrix {
  const { runtime } = build;
  const dtype = floatTypeOf(of[0] as Constant);
  const { storage = dtype } = rest;
  const kernels = runtime.kernels(storage);
  const width = kernels.padded(O);
  const rows = storedRows(storage, K);
  const weightBytes = storedBytes(storage, width * rows);
  const scratch = (storage === "int8" && runtime.int8?.denseScratch(K)) || 0;
  const hasBias = bias !== undefined || storage === "int8"; // whose kernel reads one
  const at = build.kept(node, of, `${how}${storage}`, weightBytes + (hasBias ? width * bytesPer(dtype) : 0) + scratch, (dst) => {
    withRows(runtime, dtype, O * K, (w, values) => {
      fill(values);
      kernels.packForward({ dst, w, G: 1, H: O, K, firstRow: 0, rows });
    });
    if (hasBias)
      runtime
        .view(dtype, dst + weightBytes, width)
        .fill(0)
        .set(bias ?? []);
  });
  const rowBytes = storedBytes(storage, kernels.padded(1));
  return { K, O, at, panelBytes: rows * rowBytes, rowBytes, bias: hasBias ? at + weightBytes : 0, storage };
}

/** Memory for as long as it takes. */
function withRows(
  runtime: Runtime,
  dtype: FloatType,
  length: number,
  work: (ptr: number, rows: Float32Array | Float64Array) => void,
): void {
  const ptr = runtime.memory.allocate(length * bytesPer(dtype));
  try {
    work(ptr, runtime.view(dtype, ptr, length) as Float32Array | Float64Array);
  } finally {
    runtime.memory.free(ptr);
  }
}

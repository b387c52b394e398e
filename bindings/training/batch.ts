/** A batch: samples read and checked, then tensors of one layout, padded. */
import { show, sizeOf } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { axesOf, type Layout, rowOf } from "../layout.js";
import type { Runtime } from "../runtime.js";
import { type DType, type FloatType, Tensor, type TypedArray } from "../tensor.js";
import type { Picked } from "./data.js";
import { partsOf, readSequence, readTarget, type Sequence } from "./sample.js";

/** @internal A sample of a batch. */
export interface Row {
  /** In the data. */
  readonly index: number;
  readonly x: Sequence;
  readonly y: ArrayLike<number>;
  /** Whether y was a number alone. */
  readonly single: boolean;
}

/** @internal Samples of one kind, side by side. */
export interface Batch extends Layout {
  readonly rows: readonly Row[];
  readonly tokens: boolean;
  /** Numbers a step. */
  readonly features: number;
  /** Where they differ. */
  readonly lengths: Int32Array | undefined;
}

/**
 * @internal Reads every sample of a batch, once.
 *
 * @param how targets: what they are; undefined: they are not read
 * @throws {ArgumentError} @throws {ShapeError} naming the sample
 */
export function readBatch(
  picked: readonly Picked[],
  how: { features: number; batchFirst: boolean; targets: "classes" | "numbers" | undefined },
): Batch {
  const rows = picked.map(({ index, sample }): Row => {
    const { x, y } = partsOf(index, sample);
    const target = how.targets === undefined ? [] : readTarget(index, y, how.targets === "classes");
    return { index, x: readSequence(index, x, how.features), y: target, single: typeof y === "number" };
  });
  const first = usual(rows);
  const tokens = first.x.kind === "tokens";
  let T = 0;
  for (const { index, x } of rows) {
    if ((x.kind === "tokens") !== tokens) {
      const expected = `${tokens ? "tokens (an Int32Array)" : "numbers"}, as sample ${first.index}`;
      throw new ArgumentError(`x of sample ${index}`, expected, tokens ? "other numbers" : "tokens (an Int32Array)");
    }
    if (x.features !== first.x.features) {
      throw new ShapeError(`x of sample ${index}`, `${first.x.features} features a step, as sample ${first.index}`, `${x.features}`);
    }
    T = Math.max(T, x.steps);
  }
  const lengths = rows.some(({ x }) => x.steps !== T) ? Int32Array.from(rows, ({ x }) => x.steps) : undefined;
  return { rows, T, N: rows.length, batchFirst: how.batchFirst, tokens, features: first.x.features, lengths };
}

/** A sample of the sort that most of a batch are, the earliest in the data: the others are the strangers, wherever they lie. */
function usual(rows: readonly Row[]): Row {
  const sorts = new Map<string, { count: number; first: Row }>();
  for (const row of rows) {
    const sort = `${row.x.kind === "tokens"} ${row.x.features}`;
    const known = sorts.get(sort);
    sorts.set(sort, { count: (known?.count ?? 0) + 1, first: known && known.first.index < row.index ? known.first : row });
  }
  const [most] = [...sorts.values()].sort((a, b) => b.count - a.count || a.first.index - b.first.index);
  return most?.first as Row;
}

/** @internal x: tokens [T, N], or numbers [T, N, I]; batch-first [N, T, …]. Yours to dispose of. @throws {MemoryError} */
export function inputOf(runtime: Runtime, dtype: FloatType, batch: Batch): Tensor {
  const { rows, tokens, features, batchFirst } = batch;
  const shape = tokens ? axesOf(batch) : [...axesOf(batch), features];
  return filled(runtime, shape, tokens ? "i32" : dtype, batchFirst, (data) => {
    for (const [n, { x }] of rows.entries()) {
      for (let t = 0; t < x.steps; t++) {
        const at = rowOf(batch, t, n) * features;
        for (let i = 0; i < features; i++) data[at + i] = x.values[t * features + i] as number;
      }
    }
  });
}

/** @internal How a prediction lies beside its batch. */
export interface Placement extends Layout {
  /** Whether there is a row for every step. */
  readonly overTime: boolean;
}

/** @internal @param classes whether the last axis is that of the classes @throws {ArgumentError} @throws {ShapeError} when it is of another batch */
export function placementOf(batch: Batch, prediction: unknown, classes: boolean): Placement {
  if (!(prediction instanceof Tensor)) throw new ArgumentError("prediction", "a Tensor of model.forward", show(prediction));
  const { T, N } = batch;
  const extent: Layout = { T, N, batchFirst: prediction.batchFirst ?? batch.batchFirst };
  const [first, second] = axesOf(extent);
  const overTime = prediction.shape.length > 2 && prediction.shape[0] === first && prediction.shape[1] === second;
  if (!overTime && (prediction.shape[0] !== N || (classes && prediction.shape.length < 2))) {
    const rest = classes ? "…, C" : "…";
    throw new ShapeError("prediction", `[${N}, ${rest}] or [${first}, ${second}, ${rest}] for such a batch`, show([...prediction.shape]));
  }
  return { ...extent, overTime };
}

/** @internal Numbers that are predicted for a step, or else for a sample. */
export function widthOf({ size }: Tensor, { overTime, T, N }: Placement): number {
  return size / (overTime ? T * N : N);
}

/** @internal What is predicted for sample n, without its padding. @param values of the prediction, of this shape */
export function ownPart<V extends TypedArray>(
  values: V,
  shape: readonly number[],
  placement: Placement,
  n: number,
  steps: number,
): { data: V; shape: number[] } {
  const rest = shape.slice(placement.overTime ? 2 : 1);
  const D = sizeOf(rest);
  if (!placement.overTime) return { data: values.slice(n * D, (n + 1) * D) as V, shape: rest };
  const data = values.slice(0, steps * D) as V;
  for (let t = 0; t < steps; t++) {
    const at = rowOf(placement, t, n) * D;
    data.set(values.subarray(at, at + D), t * D);
  }
  return { data, shape: [steps, ...rest] };
}

/** @internal What a prediction is compared with. */
export interface Target extends Placement {
  /** Yours to dispose of. */
  readonly tensor: Tensor;
  /** Numbers a row. */
  readonly D: number;
}

/**
 * @internal The target of a batch, of the shape that the prediction asks for.
 * @throws {ArgumentError} @throws {ShapeError} @throws {MemoryError}
 */
export function targetOf(runtime: Runtime, dtype: DType, batch: Batch, prediction: Tensor): Target {
  const { rows } = batch;
  const classes = dtype === "i32";
  const placement = placementOf(batch, prediction, classes);
  const { overTime } = placement;
  const shape = classes ? prediction.shape.slice(0, -1) : prediction.shape;
  const D = sizeOf(shape.slice(overTime ? 2 : 1));
  const C = classes ? (prediction.shape.at(-1) as number) : undefined;
  for (const row of rows) checkTarget(row, (overTime ? row.x.steps : 1) * D, { overTime, D, C });
  const tensor = filled(runtime, shape, dtype, overTime ? placement.batchFirst : undefined, (data) => {
    for (const [n, { x, y }] of rows.entries()) {
      for (let t = 0; t < (overTime ? x.steps : 1); t++) {
        const at = (overTime ? rowOf(placement, t, n) : n) * D;
        for (let d = 0; d < D; d++) data[at + d] = y[t * D + d] as number;
      }
    }
  });
  return { tensor, ...placement, D };
}

/** @param C classes to choose from, where the target is classes @throws {ShapeError} */
function checkTarget(
  { index, y, single }: Row,
  wanted: number,
  { overTime, D, C }: { overTime: boolean; D: number; C: number | undefined },
) {
  if (y.length === wanted) return;
  const what = C === undefined ? (wanted === 1 ? "number" : "numbers") : wanted === 1 ? "class" : "classes";
  let cure = "";
  if (C !== undefined && y.length === wanted * C) cure = ` (as ${wanted === 1 ? "a number" : "numbers"} in 0 … ${C - 1}, not one-hot)`;
  else if (overTime && y.length === D) cure = " (the model predicts every step: LastStep, MeanPool and MaxPool make one of them)";
  else if (C === undefined && single && !overTime) cure = " (for a class: CrossEntropyLoss)";
  throw new ShapeError(`y of sample ${index}`, `${wanted} ${what}${overTime ? `, ${D} a step` : ""}${cure}`, `${y.length}`);
}

/** A tensor that `fill` writes straight into memory: no copy of a batch outside, and what does not fit is refused by name. */
function filled(
  runtime: Runtime,
  shape: readonly number[],
  dtype: DType,
  batchFirst: boolean | undefined,
  fill: (data: Float32Array | Float64Array | Int32Array) => void,
): Tensor {
  const tensor = runtime.zeros(shape, batchFirst === undefined ? { dtype } : { dtype, batchFirst });
  fill(runtime.view(dtype, tensor.pointer(), tensor.size));
  return tensor;
}

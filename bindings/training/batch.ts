/** A batch: samples read and checked, then tensors of one layout, padded. */
import { show, sizeOf } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { axesOf, type Layout, rowOf } from "../layout.js";
import type { Runtime } from "../runtime.js";
import { type DType, type FloatType, Tensor } from "../tensor.js";
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

/** @internal Reads every sample of a batch, once. @throws {ArgumentError} @throws {ShapeError} naming the sample */
export function readBatch(picked: readonly Picked[], how: { features: number; batchFirst: boolean; classes: boolean }): Batch {
  const rows = picked.map(({ index, sample }): Row => {
    const { x, y } = partsOf(index, sample);
    return { index, x: readSequence(index, x, how.features), y: readTarget(index, y, how.classes), single: typeof y === "number" };
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

/** @internal What a prediction is compared with. */
export interface Target extends Layout {
  /** Yours to dispose of. */
  readonly tensor: Tensor;
  /** Whether there is a row for every step. */
  readonly overTime: boolean;
  /** Numbers a row. */
  readonly D: number;
}

/**
 * @internal The target of a batch, of the shape that the prediction asks for.
 * @throws {ArgumentError} @throws {ShapeError} @throws {MemoryError}
 */
export function targetOf(runtime: Runtime, dtype: DType, batch: Batch, prediction: unknown): Target {
  if (!(prediction instanceof Tensor)) throw new ArgumentError("prediction", "a Tensor of model.forward", show(prediction));
  const { rows, T, N } = batch;
  const extent: Layout = { T, N, batchFirst: prediction.batchFirst ?? batch.batchFirst };
  const [first, second] = axesOf(extent);
  const overTime = prediction.shape.length > 2 && prediction.shape[0] === first && prediction.shape[1] === second;
  const classes = dtype === "i32";
  if (!overTime && (prediction.shape[0] !== N || (classes && prediction.shape.length < 2))) {
    const rest = classes ? "…, C" : "…";
    throw new ShapeError("prediction", `[${N}, ${rest}] or [${first}, ${second}, ${rest}] for such a batch`, show([...prediction.shape]));
  }
  const shape = classes ? prediction.shape.slice(0, -1) : prediction.shape;
  const D = sizeOf(shape.slice(overTime ? 2 : 1));
  const C = classes ? (prediction.shape.at(-1) as number) : undefined;
  for (const row of rows) checkTarget(row, (overTime ? row.x.steps : 1) * D, { overTime, D, C });
  const tensor = filled(runtime, shape, dtype, overTime ? extent.batchFirst : undefined, (data) => {
    for (const [n, { x, y }] of rows.entries()) {
      for (let t = 0; t < (overTime ? x.steps : 1); t++) {
        const at = (overTime ? rowOf(extent, t, n) : n) * D;
        for (let d = 0; d < D; d++) data[at + d] = y[t * D + d] as number;
      }
    }
  });
  return { tensor, ...extent, overTime, D };
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

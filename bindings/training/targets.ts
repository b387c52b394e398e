/** What a prediction is compared with, and where its rows lie beside the samples. */
import { isPlain } from "../by-name.js";
import { show, sizeOf } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { axesOf, type Layout, rowOf } from "../layout.js";
import type { Runtime } from "../runtime.js";
import { type DType, Tensor, type TypedArray } from "../tensor.js";
import { type Answer, type Asking, type Batch, filled, type Row, type Samples } from "./batch.js";
import type { Named } from "./sample.js";

/** @internal How a prediction lies beside its batch. */
export interface Placement extends Layout {
  /** Whether there is a row for every step. */
  readonly overTime: boolean;
  /** Whose steps they are, and whose samples. */
  readonly along: Batch;
}

/**
 * @internal How a prediction may lie: of several inputs with as many steps, along each of them.
 *
 * @param classes whether the last axis is that of the classes
 * @param overTime false: there is no row for every step, whatever the shape
 * @throws {ArgumentError} @throws {ShapeError} when it is of another batch
 */
export function placementsOf(
  inputs: Samples["inputs"],
  prediction: unknown,
  { label, classes, overTime: mayBe }: { label: string; classes: boolean; overTime: boolean | undefined },
): [Placement, ...Placement[]] {
  if (!(prediction instanceof Tensor)) {
    const cure = isPlain(prediction) && label === "prediction" ? " (tensors by name go with losses by name)" : "";
    throw new ArgumentError(label, `a Tensor of model.forward${cure}`, show(prediction));
  }
  const { shape } = prediction;
  const all = inputs.map((along) => {
    const { T, N } = along;
    const extent: Layout = { T, N, batchFirst: prediction.batchFirst ?? along.batchFirst };
    const [first, second] = axesOf(extent);
    return { ...extent, along, overTime: mayBe !== false && shape.length > 2 && shape[0] === first && shape[1] === second };
  }) as [Placement, ...Placement[]];
  const overTime = all.filter((placement) => placement.overTime);
  if (overTime.length > 0) return overTime as [Placement, ...Placement[]];
  const [placement] = all;
  if (shape[0] === placement.N && !(classes && shape.length < 2)) return [placement];
  const rest = classes ? "…, C" : "…";
  const forms = all.map((each) => `[${axesOf(each).join(", ")}, ${rest}]`);
  throw new ShapeError(label, `[${placement.N}, ${rest}] or ${[...new Set(forms)].join(" or ")} for such a batch`, show([...shape]));
}

/** @internal Whether a prediction may lie in ways that give a sample other steps. */
export function differ(placements: readonly Placement[]): boolean {
  const steps = placements.map(({ along }) => along.rows.map(({ x }) => x.steps).join());
  return new Set(steps).size > 1;
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
): { data: V; shape: number[] } {
  const rest = shape.slice(placement.overTime ? 2 : 1);
  const D = sizeOf(rest);
  if (!placement.overTime) return { data: values.slice(n * D, (n + 1) * D) as V, shape: rest };
  const { steps } = (placement.along.rows[n] as Row).x;
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
  /** Numbers a row; of label sequences, of the longest. */
  readonly D: number;
  /** Labels of each sample, where they are sequences of their own. */
  readonly counts?: readonly number[];
  readonly answers: readonly Answer[];
}

interface Asked {
  readonly inputs: Samples["inputs"];
  readonly answers: readonly Answer[];
  readonly prediction: Tensor;
  readonly output: Asking;
  /** As placementsOf takes it. */
  readonly overTime: boolean | undefined;
}

/**
 * @internal The target of a batch, of the shape that the prediction asks for. Where it may lie along several inputs, the targets tell which: each
 * has as many steps.
 *
 * @throws {ArgumentError} @throws {ShapeError} @throws {MemoryError}
 */
export function targetOf(runtime: Runtime, dtype: DType, { inputs, answers, prediction, output, overTime: mayBe }: Asked): Target {
  const classes = dtype === "i32";
  const placements = placementsOf(inputs, prediction, { label: labelOf(output), classes, overTime: mayBe });
  if (output.targets === "labels") return labelsOf(runtime, answers, placements[0]);
  const shape = classes ? prediction.shape.slice(0, -1) : prediction.shape;
  const D = sizeOf(shape.slice(placements[0].overTime ? 2 : 1));
  const C = classes ? (prediction.shape.at(-1) as number) : undefined;
  const rowsOf = ({ overTime, along }: Placement, n: number) => (overTime ? (along.rows[n] as Row).x.steps : 1);
  const fits = (placement: Placement) => answers.every(({ y }, n) => y.length === rowsOf(placement, n) * D);
  const placement = placements.find(fits) ?? placements[0];
  const { overTime } = placement;
  for (const [n, answer] of answers.entries()) checkTarget(output.label, answer, rowsOf(placement, n) * D, { overTime, D, C });
  const tensor = filled(runtime, shape, dtype, overTime ? placement.batchFirst : undefined, (data) => {
    for (const [n, { y }] of answers.entries()) {
      const rows = rowsOf(placement, n);
      for (let t = 0; t < rows; t++) {
        const at = (overTime ? rowOf(placement, t, n) : n) * D;
        for (let d = 0; d < D; d++) data[at + d] = y[t * D + d] as number;
      }
    }
  });
  return { tensor, ...placement, D, answers };
}

/** Label sequences [N, S], padded by 0. @throws {MemoryError} */
function labelsOf(runtime: Runtime, answers: readonly Answer[], placement: Placement): Target {
  const counts = answers.map(({ y }) => y.length);
  const D = Math.max(1, ...counts);
  const tensor = filled(runtime, [answers.length, D], "i32", undefined, (data) => {
    for (const [n, { y }] of answers.entries()) data.set(y, n * D);
  });
  return { tensor, ...placement, D, answers, counts };
}

/** @internal A prediction, in messages. */
export function labelOf({ key }: Named): string {
  return key === undefined ? "prediction" : `prediction.${key}`;
}

/** @param C classes to choose from, where the target is classes @throws {ShapeError} */
function checkTarget(
  label: string,
  { index, y, single }: Answer,
  wanted: number,
  { overTime, D, C }: { overTime: boolean; D: number; C: number | undefined },
) {
  if (y.length === wanted) return;
  const what = C === undefined ? (wanted === 1 ? "number" : "numbers") : wanted === 1 ? "class" : "classes";
  let cure = "";
  if (C !== undefined && y.length === wanted * C) cure = ` (as ${wanted === 1 ? "a number" : "numbers"} in 0 … ${C - 1}, not one-hot)`;
  else if (overTime && y.length === D) cure = " (the model predicts every step: LastStep, MeanPool and MaxPool make one of them)";
  else if (C === undefined && single && !overTime) cure = " (for a class: CrossEntropyLoss)";
  throw new ShapeError(`${label} of sample ${index}`, `${wanted} ${what}${overTime ? `, ${D} a step` : ""}${cure}`, `${y.length}`);
}

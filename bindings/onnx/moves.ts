/** Elements from one arrangement to another by a kernel, at every run, with a plan that is written once. */
import { operatorKernels } from "../ops/load.js";
import { movePlan, type Region } from "../ops/strides.js";
import { bytesPer, type FloatType } from "../tensor.js";
import type { Build } from "./operator.js";

/** @param dst where the region's array begins, in bytes @returns does it */
export function moveOf(
  build: Build,
  dtype: FloatType,
  [dst, to]: readonly [number, Region],
  [src, from]: readonly [number, Region],
): () => void {
  const axes = movePlan(to, from);
  const plan = build.take(12 * axes.length);
  build.runtime.view("i32", plan, 3 * axes.length).set(axes.flat());
  const size = bytesPer(dtype);
  const args = { dst: dst + to.offset * size, src: src + from.offset * size, plan, rank: axes.length, adds: 0 };
  const { opMove } = operatorKernels(build.runtime, dtype);
  return () => opMove(args);
}

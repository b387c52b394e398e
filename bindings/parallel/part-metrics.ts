/** Metrics of what workers have predicted while they learned: counted here, in the order of the parts. */

import { readBatch } from "../training/batch.js";
import { count, type Output } from "../training/count.js";
import type { Picked } from "../training/data.js";
import type { Metrics } from "../training/metrics.js";
import type { RunState } from "../training/run.js";
import { targetOf } from "../training/targets.js";
import type { PredictedBatch } from "./wire.js";

export function countPart(run: RunState, output: number, picked: readonly Picked[], predicted: PredictedBatch): void {
  const { model, learned } = run.settings;
  const { runtime } = model;
  const own = learned.outputs[output] as Output;
  const { inputs, answers } = readBatch(picked, { features: learned.batching.features, batchFirst: learned.batchFirst, outputs: [own] });
  const { data, shape, dtype, batchFirst, overTime } = predicted;
  using prediction = runtime.tensor(data, shape, { dtype, ...(batchFirst !== undefined && { batchFirst }) });
  const type = own.targets === "numbers" ? own.loss.dtype : "i32";
  const target = targetOf(runtime, type, { inputs, answers: answers[0] ?? [], prediction, output: own, overTime });
  using _ = target.tensor;
  count(own, run.scores.of[output] as Metrics, prediction, target);
}

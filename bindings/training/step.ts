/** One batch, and one step of the optimizer over what has added up. */

import { ArgumentError } from "../errors.js";
import type { LossResult } from "../losses/loss.js";
import { clipGradNorm, scaleGrad } from "../optim/clip.js";
import { type Answer, type Batch, type Row, readBatch } from "./batch.js";
import type { Output } from "./count.js";
import type { Picked } from "./data.js";
import { type Measured, measure } from "./measure.js";
import { firstNonFinite } from "./non-finite.js";
import { layerOf, nonFinite, type RunState } from "./run.js";
import { trainedParameters, zeroGradients } from "./trained.js";

/** Forward and backward of one batch; gradients add up. A batch of weight 0 adds nothing, and draws nothing. */
export function learn(run: RunState, picked: readonly Picked[]): void {
  const { model, generators, learned, fixed, showsModes, optimizer, named } = run.settings;
  const before = generators.map((generator) => generator.state);
  const undraw = () => {
    for (const [i, generator] of generators.entries()) generator.state = before[i] as number[];
  };
  if (!showsModes) model.train();
  const { loss, weight } = measure(learned, picked, run.scores, {
    divisor: fixed.accumulate > 1 ? 1 : undefined,
    begin: () => {
      if (run.gradients !== "unknown") return;
      zeroGradients(optimizer, named);
      run.gradients = "zero";
    },
    use: (results) => {
      const bad = results.find(({ loss }) => !Number.isFinite(loss));
      if (bad) {
        undraw();
        const culprit = firstNonFinite(model, learned.frame.nodes);
        throw nonFinite(run, `the loss is ${bad.loss}`, culprit, undefined, undefined, nonFiniteIn(run, [picked]));
      }
      run.gradients = "ours";
      backward(run, results);
    },
  });
  if (weight === 0) undraw();
  countLearned(run, picked, { loss, weight });
}

/** Counts a batch whose gradients have been added. */
export function countLearned(run: RunState, picked: readonly Picked[], { loss, weight }: Measured): void {
  run.pending.batches++;
  run.pending.samples.push(picked);
  run.pending.weight += weight;
  if (weight !== 0) run.lastLoss = loss;
  run.at.batch++;
  run.at.seen += picked.length;
}

function backward({ settings: { learned, optimizer, named } }: RunState, results: readonly LossResult[]): void {
  try {
    learned.frame.backward(results);
  } catch (error) {
    if (!(error instanceof ArgumentError && error.argument === "of")) throw error;
    trainedParameters(optimizer, named); // says so where all are frozen
    const expected = "a forward of layers and operators, from parameters that are trained to the prediction";
    throw new ArgumentError("model", expected, "one whose prediction depends on none");
  }
}

/** One optimizer step over what has added up. @returns false, and changes nothing, where nothing counted */
export function takeStep(run: RunState): boolean {
  const { weight, samples } = run.pending;
  run.pending = { batches: 0, weight: 0, samples: [] };
  if (weight === 0) return false;
  const { optimizer, named, clipNorm, fixed, learned, schedule, scheduleEvery } = run.settings;
  const trained = trainedParameters(optimizer, named);
  if (fixed.accumulate > 1 && learned.outputs[0].loss.reduction === "mean") scaleGrad(trained, 1 / weight);
  if (!Number.isFinite(clipGradNorm(trained, clipNorm))) {
    const names = new Map(named.map(([name, parameter]) => [parameter, name]));
    const bad = trained.find((parameter) => !parameter.grad.every(Number.isFinite));
    const name = bad && (names.get(bad) ?? bad.name);
    const what = `the gradient of ${name ?? "all parameters together"} is not finite`;
    const sample = nonFiniteIn(run, samples);
    throw nonFinite(run, what, name && layerOf(name), undefined, run.at.batch, sample); // its batch is counted already
  }
  optimizer.step();
  zeroGradients(optimizer, named);
  run.gradients = "zero";
  run.at.step++;
  if (schedule && scheduleEvery === "step") schedule.step();
  return true;
}

/** The first number of these batches that is not finite, by its place in the data. */
export function nonFiniteIn({ settings: { learned } }: RunState, batches: readonly (readonly Picked[])[]): string | undefined {
  const { batching, batchFirst, outputs } = learned;
  for (const picked of batches) {
    const { inputs, answers } = readBatch(picked, { features: batching.features, batchFirst, outputs });
    for (const n of picked.keys()) {
      const bad =
        inputs.map((input) => badInput(input, n)).find(Boolean) ??
        answers.map((list, i) => badAnswer(outputs[i] as Output, list[n] as Answer)).find(Boolean);
      if (bad) return bad;
    }
  }
  return undefined;
}

function badInput({ label, rows }: Batch, n: number): string | undefined {
  const { index, x } = rows[n] as Row;
  const i = firstBad(x.values);
  const at = x.kind === "nested" ? `[${Math.floor(i / x.features)}][${i % x.features}]` : `[${i}]`;
  return i < 0 ? undefined : `${label}${at} of sample ${index} is ${x.values[i]}`;
}

function badAnswer({ label }: Output, { index, y, single }: Answer): string | undefined {
  const d = firstBad(y);
  return d < 0 ? undefined : `${label}${single ? "" : `[${d}]`} of sample ${index} is ${y[d]}`;
}

function firstBad(values: ArrayLike<number>): number {
  return Array.prototype.findIndex.call(values, (value: number) => !Number.isFinite(value));
}

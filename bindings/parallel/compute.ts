/** In a worker: the gradients of some samples. */
import { ArgumentError } from "../errors.js";
import { Generator } from "../random.js";
import type { FloatType, Tensor } from "../tensor.js";
import { generatorsOf } from "../training/aside.js";
import { measure, type Subject } from "../training/measure.js";
import { firstNonFinite, type Inspected } from "../training/non-finite.js";
import { Scores } from "../training/scores.js";
import type { TrainableByName } from "../training/trainable.js";
import type { Replica } from "./replica.js";
import type { GradientAnswer, GradientTask, PredictedBatch } from "./wire.js";

/** A loss that is not finite: there is no gradient. */
class BadLoss {
  readonly answer: GradientAnswer;

  constructor(answer: GradientAnswer) {
    this.answer = answer;
  }
}

/** @throws what a sample, the model or the loss finds wrong */
export function gradientsOf(replica: Replica, task: GradientTask): GradientAnswer {
  const { model, sections, runtime } = replica;
  const learned = replica.subjects[task.output] as Subject;
  const [output] = learned.outputs;
  seed([...new Set([...generatorsOf(model), runtime.generator])], task);
  for (const [i, { block }] of sections.list.entries()) {
    block.requiresGrad = task.trained[i] as boolean;
    block.zeroGrad();
  }
  model.train();
  const remembering = task.wantsPrediction ? remember(model) : undefined;
  const subject: Subject = remembering ? { ...learned, model: remembering.model } : learned;
  const scores = new Scores(learned.outputs);
  try {
    measure(subject, task.picked, scores, {
      divisor: 1,
      begin: () => {},
      use: ([result]) => backward(subject, result as { loss: number }),
    });
  } catch (error) {
    if (error instanceof BadLoss) return error.answer;
    throw error;
  }
  const { loss, weight } = scores.of[0].state;
  const gradients = task.slot ?? new Uint8Array(sections.bytes);
  sections.gradientsTo(gradients);
  return {
    ...{ loss, weight },
    ...(task.slot === undefined && { gradients }),
    ...(remembering && { prediction: remembering.prediction(output.key, learned) }),
  };
}

function backward({ model, frame }: Subject, result: { loss: number }): void {
  if (!Number.isFinite(result.loss))
    throw new BadLoss({ loss: result.loss, weight: 0, isBad: true, culprit: firstNonFinite(model, frame.nodes) });
  try {
    frame.backward([result as never]);
  } catch (error) {
    if (!(error instanceof ArgumentError && error.argument === "of")) throw error;
    const expected = "a forward of layers and operators, from parameters that are trained to the prediction";
    throw new ArgumentError("model", expected, "one whose prediction depends on none");
  }
}

/**
 * What a part of a batch draws depends on the batch and its place there alone: whichever worker has it, and however often. Odd constants and
 * the generator's own mixing (MurmurHash3's finaliser) keep neighbours apart.
 */
function seed(generators: readonly Generator[], { draw, part }: GradientTask): void {
  for (const [i, generator] of generators.entries()) {
    const mixed = draw ^ Math.imul(part + 1, 0x9e3779b1) ^ Math.imul(i + 1, 0xc2b2ae3d);
    generator.state = new Generator(mixed).state;
  }
}

/** The model, whose last predictions can be looked at. */
function remember(model: TrainableByName): {
  model: TrainableByName;
  prediction(key: string | undefined, subject: Subject): PredictedBatch;
} {
  let last: unknown;
  const { namedLayers } = model as Inspected;
  const own: TrainableByName & Inspected = {
    runtime: model.runtime,
    batchFirst: model.batchFirst,
    namedParameters: () => model.namedParameters(),
    ...(model.namedBuffers && { namedBuffers: () => model.namedBuffers?.() ?? [] }),
    ...(namedLayers && { namedLayers: () => namedLayers.call(model) }),
    train: () => model.train(),
    eval: () => model.eval(),
    forward(...given) {
      last = model.forward(...given);
      return last as Tensor;
    },
  };
  return {
    model: own,
    prediction(key, { rows }) {
      const tensor = (key === undefined ? last : (last as Record<string, Tensor>)[key]) as Tensor;
      const { shape, dtype, batchFirst } = tensor;
      return { data: tensor.toArray(), shape, dtype: dtype as FloatType, batchFirst, overTime: rows.overTime(key) };
    },
  };
}

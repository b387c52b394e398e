/** The options of training, checked at the door. */
import { checkBoolean, checkNumber, checkOneOf, checkOptions, checkPositive, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { BCEWithLogitsLoss } from "../losses/bce-with-logits.js";
import { CrossEntropyLoss } from "../losses/cross-entropy.js";
import { Loss } from "../losses/loss.js";
import type { Batching } from "./data.js";
import type { FitOptions } from "./fit-options.js";
import { METRICS, type Metric } from "./metrics.js";

export function batchingOf(options: { batchSize?: number; shuffle?: boolean; bucketByLength?: boolean; features?: number }): Batching {
  return {
    batchSize: checkPositive("batchSize", options.batchSize ?? 32),
    shuffle: checkBoolean("shuffle", options.shuffle ?? false),
    bucketByLength: checkBoolean("bucketByLength", options.bucketByLength ?? false),
    features: checkPositive("features", options.features ?? 1),
  };
}

export function checkLoss(loss: Loss): Loss {
  if (!(loss instanceof Loss)) throw new ArgumentError("loss", "a loss, such as new CrossEntropyLoss(rt)", show(loss));
  return loss;
}

export function checkMetrics(metrics: readonly Metric[] | undefined, loss: Loss): readonly Metric[] {
  if (metrics === undefined) return [];
  if (!Array.isArray(metrics)) throw new ArgumentError("metrics", `an array of ${METRICS.join(", ")}`, show(metrics));
  const classifies = loss instanceof CrossEntropyLoss || loss instanceof BCEWithLogitsLoss;
  for (const [i, name] of metrics.entries()) {
    checkOneOf(`metrics[${i}]`, name, METRICS);
    if (!classifies) throw new ArgumentError(`metrics[${i}]`, "none, the loss being no classifier's", show(name));
  }
  return metrics;
}

export function checkStopping(stopping: FitOptions["earlyStopping"]): void {
  if (stopping === undefined) return;
  checkOptions(stopping, ["patience", "minDelta"]);
  checkPositive("earlyStopping.patience", stopping.patience);
  checkNumber("earlyStopping.minDelta", stopping.minDelta ?? 0, 0);
}

export function checkCheckpoint({ checkpoint, resume }: FitOptions): void {
  if (checkpoint !== undefined) {
    checkOptions(checkpoint, ["file", "save", "every"]);
    if (checkpoint.file === undefined && checkpoint.save === undefined)
      throw new ArgumentError("checkpoint", "a file, or a function save", "neither");
    if (checkpoint.every !== undefined) checkPositive("checkpoint.every", checkpoint.every);
  }
  if (resume === undefined || resume === false || resume instanceof Uint8Array) return;
  if (resume !== true || checkpoint?.file === undefined)
    throw new ArgumentError("resume", "the bytes of a checkpoint, or true beside checkpoint.file", show(resume));
}

/** What `fit` takes, reports and returns. */

import type { ByName } from "../by-name.js";
import type { Loss } from "../losses/loss.js";
import type { Scaler } from "../series/scaler.js";
import type { AbortSignalLike } from "../signal.js";
import type { Samples } from "./data.js";
import type { Metric, MetricChoice, NamesOf } from "./metrics.js";
import type { Scheduler, Stepper } from "./trainable.js";

/** How far training has come. */
export interface Progress {
  /** From 1. */
  epoch: number;
  epochs: number;
  /** Optimizer steps done. */
  step: number;
  /** Samples seen. */
  done: number;
  /** Samples of the whole run; undefined until the first epoch of a source of unknown length is over. */
  total: number | undefined;
  /** Samples a second. */
  rate: number;
  /** Seconds; undefined while the total is. */
  timeLeft: number | undefined;
  /** Of the last batch in which anything counted; NaN before there was one. */
  loss: number;
}

/** Losses and metrics of one epoch. */
export interface EpochReport extends Partial<Record<Metric, number>> {
  /** From 1. */
  epoch: number;
  /** Mean over the epoch's samples while they were learned. */
  loss: number;
  lr: number;
  /** On the validation samples, where there are any. */
  validation?: Evaluation;
}

/** A loss and the metrics asked for. */
export interface Evaluation extends Partial<Record<Metric, number>> {
  loss: number;
}

/** The training under way, as callbacks see it. */
export interface Training {
  /**
   * Ends it after the step under way, its accumulation included, or where an epoch is over after that epoch; may be kept and called later,
   * as by a button. `fit` then returns as ever, with `stopped: "callback"`; a checkpoint is written first, from which `resume` goes on to the
   * same bits. An epoch that is cut off has no report.
   */
  stop(): void;
}

/**
 * What training calls on its way; each may return a promise, which is waited for. What one throws ends the training.
 *
 * @example
 * const callbacks = { onEpoch: ({ loss }, training) => { if (loss < 0.1) training.stop(); } };
 */
export interface Callbacks {
  /** After every batch. */
  onProgress?(progress: Progress, training: Training): unknown;
  /** After every epoch. */
  onEpoch?(report: EpochReport, training: Training): unknown;
  /**
   * When training is over, however it ends; every callback's is called, though others throw. `fit` throws the first error of all: what ended
   * the training goes before what an `onEnd` throws.
   */
  onEnd?(): unknown;
}

/** Where to keep what is needed to go on: at least one of the two. */
export interface CheckpointOptions {
  /** A file (Node): written under another name, synced, renamed. */
  file?: string;
  /** Optimizer steps between two checkpoints; default: one after every epoch. */
  every?: number;
  /** Stores the bytes, as a page does in a database. */
  save?(bytes: Uint8Array<ArrayBuffer>): unknown;
  /** Strings of your own that go with it, such as a vocabulary: `loadSafetensors(bytes).metadata` has them. */
  metadata?: Readonly<Record<string, string>>;
}

/** Options of `fit`. */
export interface FitOptions<Choice extends MetricChoice = MetricChoice> {
  /** Samples; of a function, those of the epoch whose number it gets, from 0. */
  data: Samples;
  loss: Loss;
  optimizer: Stepper;
  /** Passes over the data. Default 1. */
  epochs?: number;
  /** Default 32. */
  batchSize?: number;
  /** A new order every epoch; for arrays. Default true for an array, else false. */
  shuffle?: boolean;
  /** Sequences of like length share batches, so that little is padding; for arrays. Default false. */
  bucketByLength?: boolean;
  /** Features of a step in samples that are flat. Default 1. */
  features?: number;
  /** Of the order of samples. Default: drawn from the generator of the model's first layer, so that another `fit` takes another order. */
  seed?: number;
  /**
   * Batches whose gradients make one step, weighted as if they were one batch; with several losses 1, each having weights of its own. Default 1. Where nothing in all of them counts (targets
   * ignored or of weight 0), no step is taken, and a schedule by steps takes none either.
   */
  accumulate?: number;
  /** Largest norm of all gradients together that the optimizer trains by. */
  clipNorm?: number;
  /** Stepped after every epoch, with the validation loss where there is one, else the training loss. */
  schedule?: Scheduler;
  /** `"step"`: the schedule is stepped after every optimizer step. Default `"epoch"`. */
  scheduleEvery?: "epoch" | "step";
  /** Samples to measure after each epoch; they change nothing that is learned. */
  validation?: Samples;
  /**
   * In the place of `validation`: this share of `data`, an array, is held out. It is the last part in the order that was given, never a shuffled one:
   * of a series, its end. ⌊length · share + ½⌋ samples. Windows of one series overlap: the first ones held out share steps with the last ones that are
   * learned, targets too where the horizon is longer than the stride; to keep them apart, cut the series before its windows are made.
   */
  validationSplit?: number;
  /**
   * Beside the loss: names, and functions of your own by name, `{ within: (prediction, target) => … }`, whose mean over the samples is reported; or
   * a `CorpusMetric`, `{ cer: { count, value } }`, whose value is that of the sums over the samples.
   */
  metrics?: readonly Choice[];
  /**
   * The scaler of the targets, which are handed over scaled: metrics of numbers, and your own, are in the units of the data. The loss is of what is
   * learned, the scaled targets.
   */
  targetScaler?: Scaler;
  /**
   * Stops when what is watched, of the validation or else of the training, has not improved by `minDelta` for `patience` epochs, and takes the best
   * weights. `monitor`: the loss, or one of `metrics`; default `"loss"`. `mode`: whether less of it is better or more; to be said of a metric of
   * your own. An epoch in which it is NaN, nothing in the validation counting, is passed over.
   */
  earlyStopping?: { patience: number; minDelta?: number; monitor?: "loss" | NamesOf<Choice> | (string & {}); mode?: "min" | "max" };
  callbacks?: Callbacks | readonly Callbacks[];
  /**
   * Stops after the step under way, its accumulation included, or in the middle of a validation, which a resumed run goes through again;
   * at once while it waits for a sample, and then what the step under way has gathered is left out. `fit` then rejects with the signal's
   * reason. A checkpoint is written first, unless nothing had begun.
   */
  signal?: AbortSignalLike;
  /** Keeps what is needed to go on. */
  checkpoint?: CheckpointOptions;
  /**
   * The bytes of a checkpoint to go on from; true: those of `checkpoint.file`, where there are any. The model, the optimizer, the schedule and
   * its settings, the element type, `batchSize`, `accumulate`, `shuffle`, `bucketByLength`, `features`, `validationSplit`, `targetScaler`,
   * what early stopping monitors and the length of an array of samples are as they were, else it is refused and nothing has changed; `epochs`, `clipNorm`, `validation`, `earlyStopping` and `checkpoint` may be
   * others. What was frozen is again, and the order goes on as it was, whatever `seed` is. Another build goes on too: `resumedFrom` says so.
   */
  resume?: boolean | Uint8Array;
}

/** What goes by the names of a model's outputs. The loss that is learned and reported is the sum of them all; that of each is reported too. */
export interface ByOutput<Losses extends ByName<Loss>> {
  /** For each output, by its name: what `forward` gives by that name goes to it, and the target of that name. */
  loss: Losses;
  /** Beside the losses, by output: reported as "tags.accuracy". */
  metrics?: { readonly [Name in keyof Losses]?: readonly MetricChoice[] };
  /** The scalers of the targets, by output. */
  targetScaler?: { readonly [Name in keyof Losses]?: Scaler };
}

/** Options of `fit` where the model has several outputs, by their names. */
export interface FitOptionsByName<Losses extends ByName<Loss> = ByName<Loss>>
  extends Omit<FitOptions, "loss" | "metrics" | "targetScaler">,
    ByOutput<Losses> {}

/** The sum of the losses, each of them as "tags.loss", and the metrics asked for. */
export type EvaluationByName<Losses> = Evaluation &
  Record<`${keyof Losses & string}.loss`, number> &
  Record<`${keyof Losses & string}.${string}`, number>;

/** What training did where there were several outputs. */
export interface HistoryByName<Losses> extends Omit<History, "epochs"> {
  epochs: (EpochReport & EvaluationByName<Losses> & { validation?: EvaluationByName<Losses> })[];
}

/** The report of an epoch, with what was asked for. */
export type Reported<Choice extends MetricChoice> = EpochReport &
  Record<NamesOf<Choice>, number> & { validation?: Evaluation & Record<NamesOf<Choice>, number> };

/** What training did. */
export interface History<Choice extends MetricChoice = never> {
  epochs: Reported<Choice>[];
  /** Optimizer steps, those before a resumed checkpoint included. */
  steps: number;
  /** Why it ended: after all epochs, by `earlyStopping`, or because a callback called `stop()` before the last epoch was over. */
  stopped: "finished" | "early" | "callback";
  /** The epoch whose weights the model has, from 1, with `earlyStopping`. */
  bestEpoch?: number;
  /** Of a resumed run: the build that wrote the checkpoint. On another build the last bits differ. */
  resumedFrom?: { step: number; build: string };
}

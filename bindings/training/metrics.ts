/** What training and evaluation report beside the loss. */

import { type Layout, placeOfRow } from "../layout.js";
import type { Tensor } from "../tensor.js";
import { addError, type ErrorState, errorsOf, noErrors, REGRESSION } from "./errors-of-numbers.js";
import { type CorpusMetric, type Own, type OwnMetric, type OwnState, ownValues } from "./own-metrics.js";

/**
 * Names of the metrics. Accuracy and F1 are of classifiers: CrossEntropyLoss, and BCEWithLogitsLoss at a probability of ½. `f1` is that of
 * class 1 where there are two classes, else the mean over the classes that occur (macro).
 */
export const CLASSIFICATION = ["accuracy", "perplexity", "f1", "f1Micro", "f1Weighted"] as const;
/** All of them. */
export const METRICS = [...CLASSIFICATION, ...REGRESSION] as const;
/**
 * What can be measured beside the loss. Of classes: accuracy and F1, perplexity e^loss. Of numbers, each over all elements of all data, as
 * sklearn.metrics has them:
 *
 * - `mae`, mean |ŷ − y|, and `rmse`, √mean (ŷ − y)²
 * - `r2`, 1 − Σ(ŷ − y)² / Σ(y − ȳ)², the mean over the columns of what is predicted (columns: the numbers of a step where every step is predicted,
 *   else all numbers of a sample); of a constant column 1 where it is hit, else 0; NaN of fewer than two rows
 * - `mape`, mean |ŷ − y| / max(|y|, 2⁻⁵²): a share, no per cent
 */
export type Metric = (typeof METRICS)[number];

/** What `metrics` lists: names, and metrics of one's own by name. */
export type MetricChoice = Metric | Readonly<Record<string, OwnMetric | CorpusMetric>>;

/** The names of a list of metrics, as far as its type says them. */
export type NamesOf<Choice> = [Metric] extends [Choice]
  ? never
  : Choice extends string
    ? Choice
    : string extends keyof Choice
      ? never
      : Extract<keyof Choice, string>;

/** @internal What is asked for: names in their order, and metrics of one's own. */
export interface Asked {
  readonly names: readonly Metric[];
  readonly own: readonly Own[];
}

/** @internal All that the metrics depend on, as a checkpoint keeps it. */
export interface MetricState {
  loss: number;
  weight: number;
  right: number;
  /** NaN once a prediction was NaN. */
  counted: number;
  /** Of the logits: those that occur may be fewer. */
  classes: number;
  /** By class: predicted and true, predicted and false, missed. */
  truePositive: number[];
  falsePositive: number[];
  falseNegative: number[];
  errors: ErrorState;
  own: OwnState;
}

/** @internal Adds up over batches. */
export class Metrics {
  state: MetricState;

  constructor(state?: MetricState) {
    this.state = state ?? {
      ...{ loss: 0, weight: 0, right: 0, counted: 0, classes: 0 },
      ...{ truePositive: [], falsePositive: [], falseNegative: [], errors: noErrors(), own: {} },
    };
  }

  /** @param sum the loss times its weight @param weight of the batch */
  addLoss(sum: number, weight: number): void {
    this.state.loss += sum;
    this.state.weight += weight;
  }

  /** One prediction of a class; NaN is none, neither right nor wrong. */
  add(predicted: number, target: number): void {
    const { state } = this;
    if (Number.isNaN(predicted)) state.counted = Number.NaN;
    else this.#count(predicted, target);
  }

  #count(predicted: number, target: number): void {
    const { state } = this;
    state.counted++;
    if (predicted === target) {
      state.right++;
      bump(state.truePositive, target);
    } else {
      bump(state.falsePositive, predicted);
      bump(state.falseNegative, target);
    }
  }

  /** Classes of logits [..., C] against targets [...], or with C-less binary targets of the same shape. */
  addPredictions(logits: Tensor, { tensor, D, ...rest }: Counting): void {
    const [z, y] = [logits.toArray(), tensor.toArray()];
    const binary = tensor.dtype !== "i32";
    const C = binary ? 1 : (logits.shape.at(-1) as number);
    this.state.classes = Math.max(this.state.classes, binary ? 2 : C);
    for (let i = 0; i < y.length; i++) {
      if (rest.overTime && rest.lengths) {
        const { t, n } = placeOfRow(rest, Math.floor(i / D));
        if (t >= (rest.lengths[n] as number)) continue;
      }
      const truth = y[i] as number;
      if (binary) this.add(sideOf(z[i] as number), truth > 0.5 ? 1 : 0);
      else if (rest.counts(truth)) this.add(largest(z, i * C, C), truth);
    }
  }

  /** NaN where nothing counted. */
  get loss(): number {
    return this.state.loss / this.state.weight;
  }

  /** One number against another. */
  addError(column: number, prediction: number, target: number): void {
    addError(this.state.errors, column, prediction, target);
  }

  /** NaN where nothing counted; all but the perplexity, which is the loss's, also where a prediction was NaN. */
  values({ names, own }: Asked): Record<string, number> {
    const { right, counted } = this.state;
    const errors = errorsOf(this.state.errors);
    const all: Record<Metric, () => number> = {
      accuracy: () => right / counted,
      perplexity: () => Math.exp(this.loss),
      f1: () => this.#f1(),
      f1Micro: () => right / counted, // each row has one class: precision, recall and accuracy are one number
      f1Weighted: () => this.#weightedF1(),
      ...{ mae: () => errors.mae, rmse: () => errors.rmse, r2: () => errors.r2, mape: () => errors.mape },
    };
    return { ...Object.fromEntries(names.map((name) => [name, all[name]()])), ...ownValues(this.state.own, own) };
  }

  #f1(): number {
    const { counted, classes } = this.state;
    if (!(counted > 0)) return Number.NaN;
    if (classes === 2) return this.#f1Of(1) ?? 0;
    const scores = this.#seen()
      .map((c) => this.#f1Of(c))
      .filter((score) => score !== undefined);
    return scores.reduce((a, b) => a + b, 0) / scores.length;
  }

  /** Each class counts as often as it is the truth. */
  #weightedF1(): number {
    const { counted, truePositive, falseNegative } = this.state;
    let sum = 0;
    for (const c of this.#seen()) sum += ((truePositive[c] ?? 0) + (falseNegative[c] ?? 0)) * (this.#f1Of(c) ?? 0);
    return sum / counted;
  }

  /** Classes up to the last that occurs: there may be many more logits. */
  #seen(): number[] {
    const { truePositive, falsePositive, falseNegative } = this.state;
    return Array.from({ length: Math.max(truePositive.length, falsePositive.length, falseNegative.length) }, (_, c) => c);
  }

  /** 2·tp/(2·tp + fp + fn); undefined for a class that neither is nor is predicted. */
  #f1Of(c: number): number | undefined {
    const { truePositive, falsePositive, falseNegative } = this.state;
    const hits = 2 * (truePositive[c] ?? 0);
    const all = hits + (falsePositive[c] ?? 0) + (falseNegative[c] ?? 0);
    return all === 0 ? undefined : hits / all;
  }
}

/** @internal Targets, and which of their rows count. */
export interface Counting extends Layout {
  readonly tensor: Tensor;
  readonly overTime: boolean;
  readonly D: number;
  readonly lengths: ArrayLike<number> | undefined;
  /** Whether a row of this class counts: it is not ignored, nor of weight 0. */
  counts(target: number): boolean;
}

function bump(counts: number[], index: number): void {
  while (counts.length <= index) counts.push(0);
  counts[index] = (counts[index] as number) + 1;
}

/** The class of a logit; NaN of NaN. */
function sideOf(logit: number): number {
  return Number.isNaN(logit) ? logit : Number(logit > 0);
}

/** The place of the greatest; NaN where one of them is. */
function largest(values: ArrayLike<number>, from: number, count: number): number {
  let best = 0;
  for (let i = 0; i < count; i++) {
    const value = values[from + i] as number;
    if (Number.isNaN(value)) return value;
    if (value > (values[from + best] as number)) best = i;
  }
  return best;
}

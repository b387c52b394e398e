/** What training and evaluation report beside the loss. */
import type { Tensor } from "../tensor.js";

/** Names of the metrics. Accuracy and F1 are of classifiers: CrossEntropyLoss, and BCEWithLogitsLoss at a probability of ½. */
export const METRICS = ["accuracy", "perplexity", "f1"] as const;
/** What can be measured beside the loss: accuracy and F1 of classes, perplexity e^loss. */
export type Metric = (typeof METRICS)[number];

/** @internal All that the metrics depend on, as a checkpoint keeps it. */
export interface MetricState {
  loss: number;
  weight: number;
  right: number;
  counted: number;
  /** By class: predicted and true, predicted and false, missed. */
  truePositive: number[];
  falsePositive: number[];
  falseNegative: number[];
}

/** @internal Adds up over batches. */
export class Metrics {
  state: MetricState = { loss: 0, weight: 0, right: 0, counted: 0, truePositive: [], falsePositive: [], falseNegative: [] };

  /** @param sum the loss times its weight @param weight of the batch */
  addLoss(sum: number, weight: number): void {
    this.state.loss += sum;
    this.state.weight += weight;
  }

  /** One prediction of a class. */
  add(predicted: number, target: number): void {
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
  addPredictions(logits: Tensor, target: Tensor, { T, N, lengths, overTime, ignoreIndex }: Counting): void {
    const [z, y] = [logits.data, target.data];
    const binary = target.dtype !== "i32";
    const C = binary ? 1 : (logits.shape.at(-1) as number);
    const perRow = overTime ? y.length / (T * N) : y.length / N;
    for (let row = 0; row < y.length; row++) {
      if (overTime && lengths) {
        const place = Math.floor(row / perRow);
        if (Math.floor(place / N) >= (lengths[place % N] as number)) continue;
      }
      const truth = y[row] as number;
      if (binary) this.add((z[row] as number) > 0 ? 1 : 0, truth > 0.5 ? 1 : 0);
      else if (truth !== ignoreIndex) this.add(largest(z, row * C, C), truth);
    }
  }

  get loss(): number {
    return this.state.loss / this.state.weight;
  }

  /** F1 of class 1 where there are two classes, else the mean over all classes that occur (macro). */
  values(names: readonly Metric[]): Partial<Record<Metric, number>> {
    const { right, counted } = this.state;
    const all = { accuracy: () => right / counted, perplexity: () => Math.exp(this.loss), f1: () => this.#f1() };
    return Object.fromEntries(names.map((name) => [name, all[name]()]));
  }

  #f1(): number {
    const { truePositive: tp, falsePositive: fp, falseNegative: fn } = this.state;
    const classes = Math.max(tp.length, fp.length, fn.length);
    const of = (c: number) => {
      const hits = 2 * (tp[c] ?? 0);
      const all = hits + (fp[c] ?? 0) + (fn[c] ?? 0);
      return all === 0 ? undefined : hits / all;
    };
    if (classes <= 2) return of(1) ?? 0;
    const scores = Array.from({ length: classes }, (_, c) => of(c)).filter((score) => score !== undefined);
    return scores.reduce((a, b) => a + b, 0) / scores.length;
  }
}

/** @internal Which rows count. */
export interface Counting {
  readonly T: number;
  readonly N: number;
  readonly lengths: ArrayLike<number> | undefined;
  readonly overTime: boolean;
  readonly ignoreIndex: number | undefined;
}

function bump(counts: number[], index: number): void {
  while (counts.length <= index) counts.push(0);
  counts[index] = (counts[index] as number) + 1;
}

function largest(values: ArrayLike<number>, from: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if ((values[from + i] as number) > (values[from + best] as number)) best = i;
  return best;
}

/** The labels of the likeliest path: class by class the greatest, repetitions merged, blanks left out. */
import { checkOptions } from "../checks.js";
import type { Tensor } from "../tensor.js";
import { type CTCLogits, type CTCSample, checkBlank, decoded, readFrame } from "./ctc-frames.js";

/** Options of ctcGreedy. */
export interface CTCGreedyOptions {
  /** The class that stands for no label. Default 0. */
  blank?: number;
  /** Steps of each sequence of a tensor. */
  lengths?: ArrayLike<number> | undefined;
}

/**
 * The labels of the likeliest path of each sequence; of equal logits the first class counts. The likeliest path need not be of the likeliest labels: `ctcBeam`.
 *
 * @param logits a tensor [T, N, C], or [N, T, C] as it says, or [T, C], or a list of `{ data, shape }` as `predict` gives: a list of label sequences; or one
 * sequence as frames of logits or `{ data, shape }`: its labels. Unnormalised logits do, and so do probabilities
 * @throws {ArgumentError} also when a logit is NaN or +∞, or all of a frame are −∞ @throws {ShapeError}
 * @throws {StaleError} @throws {DisposedError}
 *
 * @example
 * ctcGreedy([[0, 2, 1], [0, 2, 1], [3, 0, 0], [0, 2, 0]]); // [1, 1]
 * Source: Graves et al. 2006, best path decoding, section 3.2.
 */
export function ctcGreedy(logits: Tensor | readonly CTCSample[], options?: CTCGreedyOptions): number[][];
export function ctcGreedy(logits: CTCLogits, options?: CTCGreedyOptions): number[];
export function ctcGreedy(logits: Tensor | readonly CTCSample[] | CTCLogits, options: CTCGreedyOptions = {}): number[] | number[][] {
  const { blank: given, lengths } = checkOptions(options, ["blank", "lengths"]);
  const blank = checkBlank(given);
  return decoded(logits, lengths, blank, ({ T, frame }) => {
    const labels: number[] = [];
    for (let t = 0, last = blank; t < T; t++) {
      const best = greatest(frame(t));
      if (best !== blank && best !== last) labels.push(best);
      last = best;
    }
    return labels;
  });
}

/**
 * The same frame by frame, as they come.
 *
 * @example
 * const stream = new CTCGreedyStream();
 * for (const frame of [[0, 2, 1], [0, 2, 1], [3, 0, 0], [0, 2, 0]]) stream.push(frame); // 1, undefined, undefined, 1
 * stream.end(); // [1, 1]
 */
export class CTCGreedyStream {
  readonly blank: number;
  #labels: number[] = [];
  #last: number;
  #classes = 0;

  /** @throws {ArgumentError} */
  constructor(options: Pick<CTCGreedyOptions, "blank"> = {}) {
    this.blank = checkBlank(checkOptions(options, ["blank"]).blank);
    this.#last = this.blank;
  }

  /** The labels so far: a copy. */
  get labels(): number[] {
    return [...this.#labels];
  }

  /**
   * @param frame C logits
   * @returns the label that begins here, if one does @throws {ArgumentError} @throws {ShapeError}
   */
  push(frame: ArrayLike<number>): number | undefined {
    const values = readFrame("frame", frame, this.#classes, this.blank);
    this.#classes = values.length;
    const best = greatest(values);
    const isNew = best !== this.blank && best !== this.#last;
    this.#last = best;
    if (isNew) this.#labels.push(best);
    return isNew ? best : undefined;
  }

  /** Ends a sequence; the next frame begins another. @returns the labels of all frames */
  end(): number[] {
    const labels = this.#labels;
    this.#labels = [];
    this.#last = this.blank;
    this.#classes = 0;
    return labels;
  }
}

function greatest(values: Float64Array): number {
  let best = 0;
  for (let c = 1; c < values.length; c++) if ((values[c] as number) > (values[best] as number)) best = c;
  return best;
}

/** The tokens that a sample of `fit` says: its prediction decoded, its target without what is ignored. */
import { checkData, checkOptions, checkShape, show, sizeOf } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { SampleArray } from "../training/own-metrics.js";
import { readTokens } from "./tokens.js";

/** How a metric reads samples of `fit` and `evaluate`; `of` does not ask. */
export interface DecodeOptions {
  /** The tokens of a prediction, as `(p) => ctcGreedy(p)`. Default: of every step the class of the greatest logit. */
  decode?: (prediction: SampleArray) => ArrayLike<number>;
  /** The token that ends a sequence, in predictions and targets: it and what comes after it do not count. */
  end?: number;
  /**
   * Targets of this class do not count, nor, without `decode`, the steps that they stand at. A sample of which all are ignored is left out by
   * `fit` and `evaluate`. Default −100, as CrossEntropyLoss has it.
   */
  ignoreIndex?: number;
}

/** @internal */
export const DECODE_OPTIONS = ["decode", "end", "ignoreIndex"] as const;

/** @internal Whole numbers of a sample, as many as there are. */
export interface Said {
  readonly reference: readonly number[];
  readonly hypothesis: readonly number[];
}

/**
 * @internal Checked options, as a reader of samples: of a sample with a logit that is NaN it gives undefined.
 *
 * @param aligned whether predicted tokens stand at the steps of the targets
 * @throws {ArgumentError}
 */
export function decoderOf(
  { decode, end, ignoreIndex = -100 }: DecodeOptions,
  aligned = decode === undefined,
): (...sample: [SampleArray, SampleArray]) => Said | undefined {
  checkFunction("decode", decode);
  for (const [name, token] of Object.entries({ end, ignoreIndex })) {
    if (token !== undefined && !Number.isInteger(token)) throw new ArgumentError(name, "a whole number", show(token));
  }
  const ended = (tokens: readonly number[]) => (end !== undefined && tokens.includes(end) ? tokens.slice(0, tokens.indexOf(end)) : tokens);
  return (prediction, target) => {
    const truth = readTokens("target", checkOptions(target, ["data", "shape"], "target").data) as number[];
    const steps = decode ? (readTokens("decode", decode(prediction)) as number[]) : likeliest(prediction);
    const counts = (_: number, t: number) => truth[t] !== ignoreIndex;
    const hypothesis = ended(aligned ? steps.filter(counts) : steps);
    return hypothesis.some(Number.isNaN) ? undefined : { reference: ended(truth.filter(counts)), hypothesis };
  };
}

/** @internal @throws {ArgumentError} on what is neither a function nor undefined */
export function checkFunction(argument: string, given: unknown): void {
  if (given !== undefined && typeof given !== "function") throw new ArgumentError(argument, "a function", show(given));
}

/** The class of the greatest logit of every step, [steps, C]; NaN where one of them is. */
function likeliest(prediction: SampleArray): number[] {
  const given = checkOptions(prediction, ["data", "shape"], "prediction");
  const shape = checkShape("prediction.shape", given.shape);
  const data = checkData("prediction.data", given.data, sizeOf(shape));
  const C = shape.at(-1) as number;
  return Array.from({ length: data.length / C }, (_, t) => {
    let best = 0;
    for (let c = 0; c < C; c++) {
      const logit = data[t * C + c] as number;
      if (Number.isNaN(logit)) return logit;
      if (logit > (data[t * C + best] as number)) best = c;
    }
    return best;
  });
}

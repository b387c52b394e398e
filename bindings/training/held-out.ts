/** What is learned and what is held out: samples of their own, or the end of the array. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { type Batching, checkSamples, type Samples } from "./data.js";
import type { FitOptions } from "./fit-options.js";

/** @internal Checks the samples, and cuts them where `validationSplit` says so. */
export interface Parts {
  readonly data: Samples;
  readonly validation: Samples | undefined;
  /** 0: none was asked for. */
  readonly validationSplit: number;
  /** Place in the data of the first sample held out. */
  readonly from: number;
}

/** @internal @throws {ArgumentError} */
export function splitOff(options: Pick<FitOptions, "data" | "validation" | "validationSplit">, batching: Batching): Parts {
  const { validationSplit } = options;
  const data = checkSamples("data", options.data, batching);
  const inOrder = { ...batching, shuffle: false, bucketByLength: false };
  const validation = options.validation === undefined ? undefined : checkSamples("validation", options.validation, inOrder);
  if (validationSplit === undefined) return { data, validation, validationSplit: 0, from: 0 };
  if (!(typeof validationSplit === "number" && validationSplit > 0 && validationSplit < 1))
    throw new ArgumentError("validationSplit", "a share between 0 and 1", show(validationSplit));
  if (validation !== undefined) throw new ArgumentError("validationSplit", "none beside validation", show(validationSplit));
  if (!Array.isArray(data)) throw new ArgumentError("validationSplit", "none, data being no array", show(validationSplit));
  const from = data.length - Math.round(data.length * validationSplit);
  if (from === 0 || from === data.length) {
    const got = `${show(validationSplit)} of ${data.length}`;
    throw new ArgumentError("validationSplit", "a share that leaves samples to learn from, and some to validate", got);
  }
  return { data: data.slice(0, from), validation: data.slice(from), validationSplit, from };
}

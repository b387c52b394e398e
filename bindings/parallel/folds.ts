/** Cross-validation. */
import { isPlain } from "../by-name.js";
import { checkBoolean, checkOptions, checkPositive, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { Generator } from "../random.js";
import type { Settings } from "./space.js";
import { runnerOf, type TrialOptions } from "./sweep.js";
import { type Fold, Ledger, type Planned, runTrials, type Trial, type TrialContext } from "./trials.js";

/** Options of `crossValidate`. */
export interface CrossValidateOptions extends TrialOptions {
  /** Default 5. */
  folds?: number;
  /** Draws samples into folds; false: they are stretches of the data as it is, as for a series. Default true. */
  shuffle?: boolean;
  /** What `train` gets as its parameters. Default: none. */
  parameters?: Settings;
}

/** What cross-validation has measured. */
export interface CrossValidation {
  /** Of each fold. */
  scores: number[];
  mean: number;
  /** The standard deviation of the scores, by n − 1. */
  deviation: number;
}

/**
 * Trains as often as there are folds, each time without one of them, and measures on that. Every sample is in one fold; folds differ in size by one at most.
 *
 * @param count of the samples: `train` gets places in them, `context.fold`
 * @param train gives the score on `fold.validation`: a module's address with a pool, else a function
 * @example
 * const { mean, deviation } = await crossValidate(samples.length, new URL("./trial.js", import.meta.url), { pool, folds: 5 });
 * @throws {ArgumentError} on an option that it cannot take, a file of other folds, and where a fold fails, which it names
 * @throws {FormatError} on a file that holds no trials @throws {DisposedError} of the pool
 */
export async function crossValidate(
  count: number,
  train: Trial<unknown, Settings, TrialContext & { readonly fold: Fold }> | string | { readonly href: string },
  options: CrossValidateOptions = {},
): Promise<CrossValidation> {
  const given = checkOptions(options, ["folds", "shuffle", "parameters", "pool", "seed", "options", "file", "onTrial", "signal"]);
  const { seed = 0, parameters = {} } = given;
  const folds = checkPositive("folds", given.folds ?? 5);
  if (checkPositive("count", count) < folds || folds < 2)
    throw new ArgumentError("folds", `an integer from 2 to count, ${count}`, show(folds));
  const shuffle = checkBoolean("shuffle", given.shuffle ?? true);
  if (!isPlain(parameters)) throw new ArgumentError("parameters", "settings by name", show(parameters));
  const runner = runnerOf(train as Trial, given);
  const ledger = new Ledger(given.file, { count, folds, shuffle, seed, parameters });
  const plan = foldsOf(count, folds, shuffle ? new Generator(seed) : undefined).map((fold): Planned => {
    return {
      parameters,
      context: { trial: fold.index, seed: new Generator((seed ^ Math.imul(fold.index + 1, 0x9e3779b1)) | 0).bits(), fold },
    };
  });
  const results = await runTrials(plan, ledger, runner);
  const failed = results.find(({ error }) => error !== undefined);
  if (failed) throw new ArgumentError("train", "a score of every fold", `none of fold ${failed.trial}: ${failed.error}`);
  const scores = results.map(({ score }) => score);
  const mean = scores.reduce((a, b) => a + b) / folds;
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  return { scores, mean, deviation: Math.sqrt(squares / (folds - 1)) };
}

/** Places of the samples, in ascending order. @param generator undefined: in the order of the data */
function foldsOf(count: number, folds: number, generator: Generator | undefined): Fold[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; generator && i > 0; i--) {
    const j = generator.integer(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return Array.from({ length: folds }, (_, index) => {
    const [from, to] = [index, index + 1].map((k) => Math.floor((k * count) / folds)) as [number, number];
    const ascending = (places: number[]) => places.sort((a, b) => a - b);
    return { index, validation: ascending(order.slice(from, to)), training: ascending([...order.slice(0, from), ...order.slice(to)]) };
  });
}

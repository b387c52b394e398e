/** Hyperparameters: random search, and successive halving. */
import { checkNumber, checkOneOf, checkOptions, checkPositive, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { checkFile } from "../io/file.js";
import { Generator } from "../random.js";
import { type AbortSignalLike, checkSignal } from "../signal.js";
import { checkPool, type Pool } from "./pool.js";
import { checkSpace, drawTrial, type Settings, type SettingsOf, type Space } from "./space.js";
import { checkTrain, Ledger, type Planned, ranked, runTrials, type Trial, type TrialResult } from "./trials.js";

/** What `sweep` and `crossValidate` have in common. */
export interface TrialOptions {
  /** Whose workers do the trials; `train` is then the address of a module. Default: they are done here, one after another, by `train`, a function. */
  pool?: Pool;
  /** Of all that is drawn. Default 0. */
  seed?: number;
  /** For every trial, copied. */
  options?: unknown;
  /**
   * A file (Node) in which is kept what is done: with the same call again, what it has is not done again; trials that failed are. The plan is compared; `options` and
   * what `train` does are not.
   */
  file?: string;
  /** After every trial that has been done, in the order of their ends; what it throws ends the whole. */
  onTrial?(result: TrialResult): unknown;
  /** Trials under way are waited for, and kept; then the call rejects with the signal's reason. */
  signal?: AbortSignalLike;
}

/** Options of `sweep`. */
export interface SweepOptions extends TrialOptions {
  /** How many settings are tried. */
  trials: number;
  /** Whether less of the score is better, or more. Default `"min"`. */
  mode?: "min" | "max";
  /**
   * All are tried with `minBudget`, the better 1/`factor` of them, rounded up, again with `factor` times as much, and so on up to `maxBudget`. A trial gets its budget, such as the
   * epochs, and begins anew. Default of factor: 3.
   */
  halving?: { minBudget: number; maxBudget: number; factor?: number };
}

/** What a sweep has found. */
export interface SweepResult<Parameters = Settings> {
  /** Of the trials with the largest budget, or of all where there is no halving. */
  best: TrialResult<Parameters>;
  /** All, round after round, by their numbers. */
  trials: TrialResult<Parameters>[];
}

/**
 * Tries settings of hyperparameters, drawn at random. A trial's settings and seed depend on the sweep's seed and the trial's number alone: the result is the same with any number of workers, and
 * after an end in the middle, where there is a `file`. A trial that throws has failed: it has no score, and the sweep goes on.
 *
 * @param train says how good the settings are: a module's address with a pool, else a function
 * @example
 * const space = { lr: logUniform(1e-4, 1e-1), hiddenSize: choice([16, 32, 64]) };
 * const { best } = await sweep(space, new URL("./trial.js", import.meta.url), { pool, trials: 20, file: "sweep.json" });
 * @throws {ArgumentError} on an option that it cannot take, a file of another sweep, and where all trials fail
 * @throws {FormatError} on a file that holds no trials @throws {DisposedError} of the pool
 */
export async function sweep<const Ranges extends Space>(
  space: Ranges,
  train: Trial<unknown, SettingsOf<Ranges>> | string | { readonly href: string },
  options: SweepOptions,
): Promise<SweepResult<SettingsOf<Ranges>>> {
  const given = checkOptions(options, ["trials", "mode", "halving", "pool", "seed", "options", "file", "onTrial", "signal"]);
  const ranges = checkSpace(space);
  const { seed = 0 } = given;
  const trials = checkPositive("trials", given.trials);
  const mode = checkOneOf("mode", given.mode ?? "min", ["min", "max"]);
  const rounds = roundsOf(given.halving);
  const runner = runnerOf(train as Trial, given);
  const ledger = new Ledger(given.file, { space: ranges, seed, trials, mode, rounds });
  const all: TrialResult[] = [];
  let numbers = Array.from({ length: trials }, (_, trial) => trial);
  for (const [round, budget] of rounds.budgets.entries()) {
    if (round > 0) {
      const better = ranked(all.slice(-numbers.length), mode).slice(0, Math.ceil(numbers.length / rounds.factor));
      numbers = better.filter(({ score }) => !Number.isNaN(score)).map(({ trial }) => trial);
      numbers.sort((a, b) => a - b);
    }
    const plan = numbers.map((trial): Planned => {
      const { parameters, seed: own } = drawTrial(ranges, seed, trial);
      return { parameters, context: { trial, seed: own, ...(budget !== null && { budget }) } };
    });
    const results = await runTrials(plan, ledger, runner);
    all.push(...results);
    const [first] = results;
    if (first && results.every(({ score }) => Number.isNaN(score)))
      throw new ArgumentError("train", "a score of a trial at least", `none; trial ${first.trial}: ${first.error}`);
  }
  return { best: ranked(all.slice(-numbers.length), mode)[0], trials: all } as unknown as SweepResult<SettingsOf<Ranges>>;
}

/** @internal */
export function runnerOf(train: Trial | string | { readonly href: string }, given: TrialOptions) {
  const pool = given.pool === undefined ? undefined : checkPool(given.pool);
  checkTrain(train, pool);
  if (given.file !== undefined) checkFile("file", given.file);
  new Generator(given.seed);
  const { onTrial } = given;
  if (onTrial !== undefined && typeof onTrial !== "function") throw new ArgumentError("onTrial", "a function", show(onTrial));
  return { train, pool, options: given.options, signal: checkSignal(given.signal), onTrial: onTrial?.bind(given) };
}

/** The budgets, round after round; null: there is none. */
function roundsOf(halving: SweepOptions["halving"]): { budgets: (number | null)[]; factor: number } {
  if (halving === undefined) return { budgets: [null], factor: 1 };
  const { minBudget, maxBudget, factor = 3 } = checkOptions(halving, ["minBudget", "maxBudget", "factor"], "halving");
  checkNumber("halving.minBudget", minBudget, Number.MIN_VALUE);
  checkNumber("halving.maxBudget", maxBudget, minBudget);
  checkNumber("halving.factor", factor, 1.5);
  const budgets: number[] = [];
  for (let budget = minBudget; budget < maxBudget; budget *= factor) budgets.push(budget);
  return { budgets: [...budgets, maxBudget], factor };
}

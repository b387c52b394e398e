/** Trials: over a pool, or here, one after another; what is done is kept in a file. */
import { isPlain } from "../by-name.js";
import { show } from "../checks.js";
import { ArgumentError, DisposedError, FormatError } from "../errors.js";
import { textOf, utf8Of } from "../host.js";
import { readFileIfAny, writeFileAtomically } from "../io/file.js";
import type { Runtime } from "../runtime.js";
import type { AbortSignalLike } from "../signal.js";
import type { Library } from "../worker/descriptions.js";
import { addressOf, type Pool } from "./pool.js";
import type { Settings } from "./space.js";
import type { TrialTask } from "./wire.js";

/** What a trial is told beside its parameters. */
export interface TrialContext<Options = unknown> {
  /** From 0. */
  readonly trial: number;
  /** For everything that it draws: so it comes out the same again. */
  readonly seed: number;
  /** Of successive halving: how much it may train, in the units of `minBudget`. */
  readonly budget?: number;
  /** Of cross-validation: the places of the samples to learn from, and to measure on. */
  readonly fold?: Fold;
  readonly options: Options;
}

/** Of cross-validation: places of samples in the data. */
export interface Fold {
  readonly index: number;
  readonly training: readonly number[];
  readonly validation: readonly number[];
}

/** Trains here and says how good it is. */
export type Trial<Options = unknown, Parameters = Settings, Context = TrialContext<Options>> = (
  parameters: Parameters,
  context: Context,
) => number | Promise<number>;

/** The default export of a module that is run in a worker: it also gets a runtime, which ends with the trial, and the package. */
// biome-ignore lint/suspicious/noExplicitAny: options of the user's
export type TrialModuleFunction<Options = any, Parameters = Settings> = (
  parameters: Parameters,
  context: TrialContext<Options> & { readonly rt: Runtime; readonly library: Library },
) => number | Promise<number>;

/** How a trial came out. */
export interface TrialResult<Parameters = Settings> {
  readonly trial: number;
  readonly parameters: Parameters;
  readonly budget?: number;
  /** NaN where it failed. */
  readonly score: number;
  /** Why it failed. */
  readonly error?: string;
}

/** A trial to be done. */
export interface Planned {
  readonly parameters: Settings;
  readonly context: Omit<TrialContext, "options">;
}

/** How trials are done. */
export interface TrialRunner {
  readonly train: Trial | string | { readonly href: string };
  readonly pool: Pool | undefined;
  readonly options: unknown;
  readonly signal: AbortSignalLike | undefined;
  readonly onTrial: ((result: TrialResult) => unknown) | undefined;
}

const FORMAT = "wasm-rnn trials 1";

/** What is done of a plan. */
export class Ledger {
  readonly #file: string | undefined;
  readonly #plan: string;
  readonly #done = new Map<string, TrialResult>();

  /** @throws {FormatError} when the file is none @throws {ArgumentError} when it is of another plan */
  constructor(file: string | undefined, plan: unknown) {
    this.#file = file;
    this.#plan = JSON.stringify(plan);
    const bytes = file === undefined ? undefined : readFileIfAny(file);
    if (!bytes) return;
    const saved = read(bytes);
    checkSamePlan(saved.plan, JSON.parse(this.#plan));
    for (const result of saved.done) if (result.error === undefined) this.#done.set(keyOf(result), result); // what failed is tried again
  }

  /** @returns nothing where what was kept is of other settings, as in a damaged file: that is done again */
  get(planned: Planned): TrialResult | undefined {
    const result = this.#done.get(keyOf(planned.context));
    return JSON.stringify(result?.parameters) === JSON.stringify(planned.parameters) ? result : undefined;
  }

  put(result: TrialResult): void {
    this.#done.set(keyOf(result), result);
    if (this.#file === undefined) return;
    const done = [...this.#done.values()].sort((a, b) => a.trial - b.trial || (a.budget ?? 0) - (b.budget ?? 0));
    writeFileAtomically(this.#file, utf8Of(JSON.stringify({ format: FORMAT, plan: JSON.parse(this.#plan), done })));
  }
}

/** @throws {ArgumentError} that says in which part they differ */
function checkSamePlan(saved: unknown, plan: Readonly<Record<string, unknown>>): void {
  const theirs = isPlain(saved) ? saved : {};
  const text = (of: Readonly<Record<string, unknown>>, name: string) => `${name} ${JSON.stringify(of[name])}`.slice(0, 200);
  const other = Object.keys({ ...plan, ...theirs }).find((name) => text(plan, name) !== text(theirs, name));
  if (other !== undefined)
    throw new ArgumentError("file", `the trials of this plan, or none: ${text(plan, other)}`, `those of another: ${text(theirs, other)}`);
}

function keyOf({ trial, budget }: { trial: number; budget?: number }): string {
  return `${trial} ${budget}`;
}

function read(bytes: Uint8Array): { plan: unknown; done: TrialResult[] } {
  const refuse = (got: string, cause?: unknown): never => {
    throw new FormatError(`file: expected trials in JSON, got ${got}`, { cause });
  };
  let saved: unknown;
  try {
    saved = JSON.parse(textOf(bytes));
  } catch (cause) {
    refuse("text that does not parse", cause);
  }
  if (!isPlain(saved) || saved.format !== FORMAT || !Array.isArray(saved.done) || saved.plan === undefined) refuse(show(saved));
  const { plan, done } = saved as { plan: unknown; done: unknown[] };
  const results = done.map((each): TrialResult => {
    const { trial, parameters, budget, score, error } = (each ?? {}) as Record<string, unknown>;
    const isBudget = budget === undefined || Number.isFinite(budget);
    const isScore = score === null ? typeof error === "string" : Number.isFinite(score);
    if (!Number.isSafeInteger(trial) || !isPlain(parameters) || !isBudget || !isScore) refuse(show(each));
    return {
      ...{ trial: trial as number, parameters: parameters as unknown as Settings },
      ...(budget !== undefined && { budget: budget as number }),
      score: (score as number | null) ?? Number.NaN,
      ...(error !== undefined && { error: String(error) }),
    };
  });
  return { plan, done: results };
}

/** Does what is not done yet, as many at once as there are workers. @returns all in the order of the plan */
export async function runTrials(plan: readonly Planned[], ledger: Ledger, runner: TrialRunner): Promise<TrialResult[]> {
  const { pool, signal, onTrial } = runner;
  const waiting = plan.filter((planned) => !ledger.get(planned));
  const hand = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      if (signal?.aborted) return;
      const result = await runOne(next, runner);
      ledger.put(result);
      await onTrial?.(result);
    }
  };
  const hands = Array.from({ length: Math.min(pool?.workers ?? 1, waiting.length) }, async () => {
    try {
      await hand();
    } catch (error) {
      waiting.length = 0; // the others end with what they have begun
      throw error;
    }
  });
  const ended = await Promise.allSettled(hands);
  for (const each of ended) if (each.status === "rejected") throw each.reason;
  signal?.throwIfAborted();
  return plan.map((planned) => ledger.get(planned) as TrialResult);
}

async function runOne({ parameters, context }: Planned, { train, pool, options }: TrialRunner): Promise<TrialResult> {
  const { trial, budget } = context;
  const what = { trial, parameters, ...(budget !== undefined && { budget }) };
  try {
    const score = pool
      ? await pool.run(
          pool.job("trial", [], {
            ...{ module: addressOf("train", train), parameters, context: { ...context, options } },
          } satisfies TrialTask),
          `trial ${trial}`,
        )
      : await (train as Trial)(parameters, { ...context, options });
    if (typeof score === "number" && Number.isFinite(score)) return { ...what, score };
    return { ...what, score: Number.NaN, error: `expected a finite number as its score, got ${show(score)}` };
  } catch (error) {
    if (error instanceof DisposedError && pool?.disposed) throw error;
    return { ...what, score: Number.NaN, error: String((error as Error)?.message ?? error) };
  }
}

/** The best first; failures last. */
export function ranked(results: readonly TrialResult[], mode: "min" | "max"): TrialResult[] {
  const worth = ({ score }: TrialResult) => (Number.isNaN(score) ? Number.POSITIVE_INFINITY : mode === "min" ? score : -score);
  return [...results].sort((a, b) => {
    const [first, second] = [worth(a), worth(b)];
    return first === second ? a.trial - b.trial : first < second ? -1 : 1;
  });
}

/** @throws {ArgumentError} unless it goes with there being a pool or none */
export function checkTrain(train: unknown, pool: Pool | undefined): void {
  if (pool && typeof train === "function")
    throw new ArgumentError("train", "the address of a module, there being a pool (functions do not go to workers)", "a function");
  if (pool) addressOf("train", train);
  else if (typeof train !== "function") throw new ArgumentError("train", "a function, there being no pool", show(train));
}

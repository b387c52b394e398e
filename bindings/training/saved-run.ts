/** What a checkpoint of a run holds beside tensors: the form of it, for nothing in a file is believed. */
import { show } from "../checks.js";
import { FormatError } from "../errors.js";
import type { Batching } from "./data.js";
import { noErrors } from "./errors-of-numbers.js";
import type { EpochReport } from "./fit-options.js";
import { METRICS } from "./metrics.js";
import type { ScoreState } from "./scores.js";

/** All of the loop that a checkpoint keeps beside tensors. */
export interface Position {
  step: number;
  /** Epochs done. */
  epoch: number;
  /** Batches of the running epoch done. */
  batch: number;
  /** Samples of the running epoch, and of all before, done. */
  seen: number;
  before: number;
  /** Samples of an epoch, once known. */
  perEpoch: number | undefined;
  /** Of the order, at the start of the running epoch. */
  order: number[];
  /** Of the model: dropout. */
  generators: number[][];
  metrics: ScoreState;
  reports: EpochReport[];
  /** What is watched of it: the loss, or another metric. */
  best: { loss: number; epoch: number; monitor: string } | undefined;
  /** Epochs since the best one, those left out whose loss is NaN. */
  worse: number;
}

/** What must be the same when a run is resumed. */
export interface Fixed extends Batching {
  readonly accumulate: number;
  /** 0: none. */
  readonly validationSplit: number;
  /** What it was, as text. */
  readonly targetScaler?: string;
  /** Samples of the parts of a batch, where it is taken apart. */
  readonly microBatch?: number;
}

/** What is watched of a report, of its validation where there is one. */
export function monitored(report: EpochReport, monitor: string): number {
  return (report.validation ?? report)[monitor as "loss"];
}

/** What the weights of a layer mean: its name and its description. */
export type Architecture = [string, Readonly<Record<string, string | number | boolean>>][];

export interface SavedRun {
  build: string;
  fixed: Fixed;
  architecture: Architecture;
  /** Full names of the parameters that are not trained. */
  frozen: string[];
  position: Position;
  optimizer: { lr: number };
  schedule: unknown;
}

async function loadSchema() {
  try {
    return await import("./run-schema.js");
  } catch (cause) {
    // Service workers and audio worklets have no import(); wasm-rnn/inline does without.
    throw new FormatError("checkpoint: expected a host with import(), or wasm-rnn/inline, got one in which a module cannot be loaded", {
      cause,
    });
  }
}

/**
 * The form of a run is loaded where it is asked for: a page that never goes on from a checkpoint does without.
 *
 * @param outputs the names of several
 * @throws {FormatError} unless it is a run, in all its parts
 */
export async function checkSavedRun(details: unknown, outputs: readonly string[]): Promise<SavedRun> {
  const { readRun } = await loadSchema();
  const { output, misfit } = readRun(details, { metricNames: METRICS, outputs, noErrors, monitored });
  if (!misfit) return output as SavedRun;
  const { path, expected, input } = misfit;
  // The name itself is expected: it is missing.
  if (path !== null && expected === JSON.stringify(path.split(".").at(-1)))
    throw new FormatError(`checkpoint: expected ${path.slice(0, 100)}, got a run without it`);
  const where = path === null ? "a run" : `${path.slice(0, 100)} to be`;
  throw new FormatError(`checkpoint: expected ${where} ${expected}, got ${show(input)}`);
}

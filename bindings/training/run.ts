/** The state of a run, all of it. */

import { NonFiniteError } from "../errors.js";
import { performance } from "../host.js";
import type { NamedArray } from "../io/safetensors.js";
import { Generator } from "../random.js";
import type { Picked } from "./data.js";
import type { History, Training } from "./fit-options.js";
import { Pauses } from "./pause.js";
import type { Position } from "./saved-run.js";
import { Scores } from "./scores.js";
import type { Settings } from "./settings.js";

/** Adds the gradients of a batch to those of the step under way, and counts it. */
export type Learn = (run: RunState, picked: readonly Picked[]) => void | Promise<void>;

export interface RunState {
  readonly settings: Settings;
  readonly learn: Learn;
  /** What a checkpoint keeps beside tensors. */
  at: Position;
  /** Of the running epoch; their state is `at.metrics`. */
  scores: Scores;
  readonly order: Generator;
  /** Parameters and buffers of the best epoch, by their names in a checkpoint. */
  best: Readonly<Record<string, NamedArray>>;
  /** What has added up since the last step. */
  pending: { batches: number; weight: number; samples: (readonly Picked[])[] };
  /** Goes back to where the step under way began. */
  rewind?: () => void;
  /** What the gradients hold: what was there before, zeros, or what batches of this run have added. */
  gradients: "unknown" | "zero" | "ours";
  /** Of the last batch in which anything counted. */
  lastLoss: number;
  started: { at: number; seen: number };
  resumedFrom: History["resumedFrom"];
  readonly pauses: Pauses;
  /** Whether a callback has asked for the end. */
  stopping: boolean;
  /** What callbacks are given beside the news. */
  readonly training: Training;
}

export function freshRun(settings: Settings, learn: Learn): RunState {
  const scores = new Scores(settings.learned.outputs);
  const order = new Generator(settings.seed);
  const run: RunState = {
    ...{
      settings,
      learn,
      scores,
      order,
      best: {},
      pending: { batches: 0, weight: 0, samples: [] },
      gradients: "unknown",
      lastLoss: Number.NaN,
    },
    at: {
      ...{ step: 0, epoch: 0, batch: 0, seen: 0, before: 0, order: order.state, generators: [], metrics: scores.state },
      ...{ perEpoch: Array.isArray(settings.data) ? settings.data.length : undefined, reports: [], best: undefined, worse: 0 },
    },
    ...{ started: { at: performance.now(), seen: 0 }, resumedFrom: undefined, pauses: new Pauses() },
    stopping: false,
    training: {
      stop: () => {
        run.stopping = true;
      },
    },
  };
  return run;
}

/** Begins to count an epoch, at its start. */
export function beginCounting(run: RunState): void {
  run.scores = new Scores(run.settings.learned.outputs);
  run.at.metrics = run.scores.state;
  run.at.order = run.order.state;
}

/**
 * @param layer the one to blame; undefined: none, for the reason given
 * @param batch of the epoch, from 1: the one under way
 * @param sample what is not finite in the data: then no layer is to blame
 */
export function nonFinite(
  { at }: RunState,
  what: string,
  layer: string | undefined,
  reason = "every layer's output is finite: look at the targets",
  batch = at.batch + 1,
  sample?: string,
): NonFiniteError {
  const place = { step: at.step + 1, batch, layer };
  const where = sample ?? (layer === undefined ? reason : `the first layer to blame is ${layer}`);
  return new NonFiniteError(
    `fit: expected finite numbers, got ${what} in step ${place.step} (batch ${place.batch} of epoch ${at.epoch + 1}); ${where}`,
    place,
  );
}

/** The layer of a parameter, by the parameter's full name. */
export function layerOf(parameter: string): string {
  return parameter.replace(/\.[^.]*$/, "");
}

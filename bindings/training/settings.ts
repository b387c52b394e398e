/** What a run of `fit` does: its options, read once and checked. */
import { checkOneOf, checkOptions, checkPositive, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { buffersOf } from "../named-buffers.js";
import type { Parameter } from "../parameters.js";
import { Generator } from "../random.js";
import { type AbortSignalLike, checkSignal } from "../signal.js";
import { byName } from "../weights.js";
import { generatorsOf } from "./aside.js";
import type { Output } from "./count.js";
import { isRestartable, type Samples } from "./data.js";
import { batchingOf, checkCallbacks, checkCheckpoint, checkModel, checkOptimizer, checkResume, checkSchedule } from "./doors.js";
import type { Callbacks, CheckpointOptions, FitOptions, FitOptionsByName } from "./fit-options.js";
import { splitOff } from "./held-out.js";
import { type Subject, subjectOf } from "./measure.js";
import { checkStopping, outputsOf, type Stopping } from "./metric-doors.js";
import { modesOf } from "./modes.js";
import type { Fixed } from "./saved-run.js";
import type { Scheduler, Stepper, TrainableByName } from "./trainable.js";
import { trainedParameters } from "./trained.js";

const OPTIONS = [
  ...["data", "loss", "optimizer", "epochs", "batchSize", "shuffle", "bucketByLength", "features", "seed", "accumulate", "clipNorm"],
  ...[
    "schedule",
    "scheduleEvery",
    "validation",
    "validationSplit",
    "metrics",
    "targetScaler",
    "earlyStopping",
    "callbacks",
    "signal",
    "checkpoint",
    "resume",
  ],
];

/** More would be a mistake. */
const MOST_EPOCHS = 2 ** 31 - 1;

export interface Settings {
  readonly model: TrainableByName;
  readonly named: readonly [string, Parameter][];
  /** Of the layers, each once: dropout. */
  readonly generators: readonly Generator[];
  /** Whether modes can be put back by whoever changes them; else the loop does before every batch. */
  readonly showsModes: boolean;
  readonly data: Samples;
  readonly validation: Samples | undefined;
  /** What is learned, and what is measured after every epoch. */
  readonly learned: Subject;
  readonly validated: Subject;
  readonly optimizer: Stepper;
  readonly epochs: number;
  readonly fixed: Fixed;
  /** Of the order; undefined: whatever the model's generator gives. */
  readonly seed: number | undefined;
  readonly clipNorm: number;
  readonly schedule: Scheduler | undefined;
  readonly scheduleEvery: "epoch" | "step";
  readonly stopping: Stopping | undefined;
  readonly callbacks: readonly Callbacks[];
  readonly signal: AbortSignalLike | undefined;
  readonly checkpoint: CheckpointOptions | undefined;
  readonly resume: boolean | Uint8Array;
}

/** @throws {ArgumentError} @throws {DisposedError}; nothing has been changed then */
export function settingsOf(model: TrainableByName, options: FitOptions | FitOptionsByName, microBatch?: number): Settings {
  const given = checkOptions(options, OPTIONS);
  checkModel(model, ["forward", "namedParameters", "train", "eval"]);
  const { epochs = 1, accumulate = 1, seed, clipNorm = Number.POSITIVE_INFINITY, scheduleEvery = "epoch" } = given;
  const outputs = outputsOf(given, model.runtime);
  const batching = batchingOf({ ...given, shuffle: given.shuffle === undefined ? Array.isArray(given.data) : given.shuffle });
  const { data, validation, validationSplit, from } = splitOff(given, batching);
  const targetScaler = textOfScalers(outputs);
  const fixed: Fixed = {
    ...{ ...batching, accumulate: checkPositive("accumulate", accumulate), validationSplit },
    ...(targetScaler !== undefined && { targetScaler }),
    ...(microBatch !== undefined && { microBatch }),
  };
  if (accumulate > 1 && outputs.length > 1) throw new ArgumentError("accumulate", "1, there being several losses", show(accumulate));
  if (!(typeof clipNorm === "number" && clipNorm > 0)) throw new ArgumentError("clipNorm", "a number over 0", show(clipNorm));
  if (seed !== undefined) new Generator(seed);
  const inOrder = { ...fixed, shuffle: false, bucketByLength: false, from };
  const learned = subjectOf(model, outputs, fixed);
  const checkpoint = checkCheckpoint(given.checkpoint);
  const resume = checkResume(given.resume, checkpoint);
  const kept = checkpoint !== undefined || resume !== false;
  const optimizer = checkOptimizer(given.optimizer, kept);
  const settings: Settings = {
    ...{ model, named: model.namedParameters(), generators: generatorsOf(model), showsModes: modesOf(model) !== undefined },
    ...{ data, validation },
    ...{ learned, validated: { ...learned, batching: inOrder }, fixed, seed, clipNorm, checkpoint, resume },
    epochs: checkPositive("epochs", epochs, MOST_EPOCHS),
    optimizer,
    schedule: checkSchedule(given.schedule, checkOneOf("scheduleEvery", scheduleEvery, ["epoch", "step"]), optimizer, kept),
    scheduleEvery,
    stopping: checkStopping(given.earlyStopping, outputs),
    callbacks: checkCallbacks(given.callbacks),
    signal: checkSignal(given.signal),
  };
  byName(settings.named);
  buffersOf(model);
  checkRestartable(settings, kept);
  trainedParameters(settings.optimizer, settings.named);
  return settings;
}

/** What the scalers are, for a run that goes on. */
function textOfScalers(outputs: readonly Output[]): string | undefined {
  const texts = outputs.flatMap(({ key, scaler }) => (scaler ? [[key ?? "", scaler.text] as const] : []));
  const [first] = texts;
  return outputs[0]?.key === undefined || !first ? first?.[1] : JSON.stringify(Object.fromEntries(texts));
}

function checkRestartable({ data, validation, epochs }: Settings, kept: boolean): void {
  const again = epochs > 1 ? "more than one epoch" : kept ? "checkpoints" : undefined;
  if (again === undefined) return;
  for (const [name, source] of Object.entries({ data, validation })) {
    if (source === undefined || isRestartable(source)) continue;
    throw new ArgumentError(name, `an array or a function that begins anew, for ${again}`, "a source that cannot be restarted");
  }
}

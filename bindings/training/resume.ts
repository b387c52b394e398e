/** What a checkpoint of a run holds beside tensors, and whether it fits the run that is to go on. */
import { sameShape, show } from "../checks.js";
import { ArgumentError, DTypeError, FormatError, ShapeError } from "../errors.js";
import { unpackCheckpoint } from "../io/checkpoint.js";
import type { LoadedArray } from "../io/safetensors.js";
import type { Parameter } from "../parameters.js";
import type { DType, Tensor } from "../tensor.js";
import type { Batching } from "./data.js";
import type { EpochReport } from "./fit-options.js";
import type { MetricState } from "./metrics.js";

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
  metrics: MetricState;
  reports: EpochReport[];
  best: { loss: number; epoch: number } | undefined;
}

/** What must be the same when a run is resumed. */
export interface Fixed extends Batching {
  readonly accumulate: number;
}

export interface Details {
  build: string;
  fixed: Fixed;
  position: Position;
  optimizer: { lr: number };
  schedule: unknown;
}

/** The run that is to go on. */
interface Expected {
  readonly fixed: Fixed;
  readonly named: readonly [string, Parameter][];
  readonly buffers: readonly [string, Tensor][];
  readonly samples: number | undefined;
  readonly scheduled: boolean;
  readonly generators: number;
}

/** Reads and checks all that can be checked before anything is changed. @throws {FormatError} @throws {ArgumentError} @throws {ShapeError} */
export function readRun(bytes: Uint8Array, expected: Expected): { tensors: Record<string, LoadedArray>; details: Details } {
  const { tensors, details: read } = unpackCheckpoint(bytes);
  const details = read as Details;
  const { fixed, position, schedule } = details;
  for (const [name, value] of Object.entries(expected.fixed)) {
    const then = fixed[name as keyof Fixed];
    if (then !== value) throw new ArgumentError(name, `${then}, as in the checkpoint`, show(value));
  }
  const { samples } = expected;
  if (samples !== undefined && position.perEpoch !== samples) {
    throw new ArgumentError("data", `${position.perEpoch} samples, as in the checkpoint`, `${samples}`);
  }
  checkTensors("parameter", "model.", expected.named, tensors);
  checkTensors("buffer", "buffer.", expected.buffers, tensors);
  const scheduled = schedule !== undefined;
  if (scheduled !== expected.scheduled) {
    throw new ArgumentError("schedule", `${scheduled ? "one" : "none"}, as in the checkpoint`, expected.scheduled ? "one" : "none");
  }
  if (position.generators.length !== expected.generators) {
    throw new FormatError(`checkpoint: expected a model with ${expected.generators} generators, got ${position.generators.length}`);
  }
  return { tensors, details };
}

/** The tensors of this prefix are those of the model, no more and no fewer. @throws {FormatError} @throws {ShapeError} @throws {DTypeError} */
function checkTensors(
  what: "parameter" | "buffer",
  prefix: string,
  wanted: readonly [string, { readonly shape: readonly number[]; readonly dtype: DType }][],
  tensors: Readonly<Record<string, LoadedArray>>,
): void {
  for (const [name, { shape, dtype }] of wanted) {
    const array = tensors[`${prefix}${name}`];
    if (!array) throw new FormatError(`checkpoint: expected the ${what} ${name}, got a checkpoint without it`);
    if (array.dtype !== dtype) throw new DTypeError(name, `${dtype}, as the model's`, `${array.dtype} in the checkpoint`);
    if (!sameShape(array.shape, shape)) throw new ShapeError(name, show([...shape]), show([...array.shape]));
  }
  const got = Object.keys(tensors).filter((name) => name.startsWith(prefix)).length;
  if (got !== wanted.length) throw new FormatError(`checkpoint: expected ${wanted.length} ${what}s, got ${got}`);
}

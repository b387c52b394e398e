/** What goes between a pool and its workers. */
import type { FloatType } from "../tensor.js";
import type { Picked } from "../training/data.js";
import type { PackedError } from "../worker/packed-errors.js";

/** Both sides speak the same, or the worker's file is of another version. */
export const PROTOCOL = 1;

/**
 * Bytes that many jobs need. In shared memory they come with every job, which costs a handle; where the host does not share they are copied, once
 * to a worker, and later jobs tell the number alone.
 */
export interface Part {
  readonly id: number;
  readonly bytes: Uint8Array | undefined;
}

/** Work for any worker of the pool. */
export interface Job {
  readonly what: "hello" | "gradients" | "predict" | "trial";
  /** Whose parts are still needed: what a worker holds of others it gives back. */
  readonly live: readonly number[];
  readonly parts: readonly Part[];
  readonly body: unknown;
}

/** What comes of it: a failure of the work is an answer, too; what rejects is a worker's end. */
export type Answer = { readonly value: unknown } | { readonly error: PackedError };

/** How a worker builds its copy of the model. */
export interface ReplicaSetup {
  /** The bytes of `model.save()`, or a module of the user's. */
  readonly source: { readonly file: Uint8Array } | { readonly module: string; readonly options: unknown };
  readonly build: string;
  readonly dtype: FloatType;
  /** Names and shapes of the parameters: the copy must have these. */
  readonly parameters: readonly (readonly [name: string, shape: readonly number[], dtype: FloatType])[];
  /** For each output its key and loss; undefined: the module's. */
  readonly losses: readonly { readonly key: string | undefined; readonly loss: LossDescription | undefined }[];
  readonly features: number;
}

/** A loss by its class's name and what its constructor takes; `layer`: that of the model which it takes in the runtime's place. */
export interface LossDescription {
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly layer?: string;
}

/** The gradients of some samples, of one output's loss. */
export interface GradientTask {
  readonly picked: readonly Picked[];
  readonly output: number;
  /** The place of these samples among the parts of the batch, and what the batch has drawn: dropout begins with both. */
  readonly part: number;
  readonly draw: number;
  /** Whether each block of parameters is trained. */
  readonly trained: readonly boolean[];
  readonly wantsPrediction: boolean;
  /** Where the gradients go, in shared memory; undefined: into the answer. */
  readonly slot: Uint8Array | undefined;
}

/** Of the loss the sum, or what ended it. */
export interface GradientAnswer {
  readonly loss: number;
  readonly weight: number;
  /** What gave the first output that is not finite, where the loss is not. */
  readonly culprit?: string | undefined;
  readonly isBad?: boolean;
  readonly gradients?: Uint8Array;
  readonly prediction?: PredictedBatch;
}

/** What a model has predicted for a batch. */
export interface PredictedBatch {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly dtype: FloatType;
  readonly batchFirst: boolean | undefined;
  /** As `Rows` has found out; undefined: the shape tells. */
  readonly overTime: boolean | undefined;
}

/** Predictions for some samples. */
export interface PredictTask {
  readonly picked: readonly Picked[];
  readonly targetScaler: unknown;
}

/** A trial of a sweep: a function of the user's module. */
export interface TrialTask {
  readonly module: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly context: { readonly seed: number; readonly options: unknown };
}

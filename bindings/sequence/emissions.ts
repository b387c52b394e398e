/** Emissions as they come, checked, and where their sequences lie; tags as they are decoded. */
import type { Buffers } from "../buffers.js";
import { isPlain } from "../by-name.js";
import { checkData, checkLengths, checkShape, readNumbers, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { checkTensor } from "../layers/doors.js";
import { sequences } from "../losses/loss.js";
import type { Runtime } from "../runtime.js";
import type { FloatArray, FloatType, Tensor } from "../tensor.js";

/** Emissions of one sequence outside of memory, as `predict` and metrics of one's own have them. */
export interface SampleEmissions {
  /** Flat, step after step. */
  readonly data: ArrayLike<number>;
  /** [T, K]. */
  readonly shape: readonly number[];
}

/** What lengths a call is given. */
export interface CRFDecodeOptions {
  /** Steps of each of the N sequences of a padded batch; padding may hold anything. */
  lengths?: ArrayLike<number> | undefined;
}

/** The best path of one sequence. */
export interface DecodedTags {
  /** One tag a step. */
  tags: Int32Array<ArrayBuffer>;
  /** Its score: the log-likelihood, but for log Z. */
  score: number;
}

/** @internal Who reads emissions. */
export interface Reader {
  readonly runtime: Runtime;
  readonly dtype: FloatType;
  readonly numTags: number;
}

/** @internal Where sequences lie. */
export interface Sequences {
  readonly T: number;
  readonly N: number;
  readonly batchFirst: 0 | 1;
  /** Address of the lengths, or 0. */
  readonly lengths: number;
  /** Steps of each. */
  readonly steps: readonly number[];
}

/** @internal With a copy of the lengths: who reads a list may be called back, and end what is in use. Read first. @throws {ArgumentError} */
export function withOwnLengths<Options extends CRFDecodeOptions>(options: Options): Options {
  return options.lengths === undefined ? options : { ...options, lengths: readNumbers("lengths", options.lengths) };
}

/** @internal @returns its address @throws {ShapeError} @throws {DTypeError} */
export function checkEmissions(argument: string, tensor: unknown, { runtime, dtype, numTags: K }: Reader): number {
  const { shape, batchFirst } = checkTensor(argument, tensor, runtime, dtype);
  if (![2, 3].includes(shape.length) || shape.at(-1) !== K)
    throw new ShapeError(argument, `[T, ${K}] or ${sequences(batchFirst, `${K}`)}`, show([...shape]));
  return (tensor as Tensor).pointer(argument);
}

/** @internal Of emissions of this shape. Takes memory where there are lengths. @throws {ShapeError} @throws {ArgumentError} */
export function sequencesOf(
  argument: string,
  shape: readonly number[],
  { batchFirst = false, lengths }: { batchFirst?: boolean | undefined; lengths: ArrayLike<number> | undefined },
  { runtime, buffers }: { runtime: Runtime; buffers: Buffers },
): Sequences {
  const [first, second] = shape as [number, number];
  const isOne = shape.length === 2;
  const [T, N] = isOne ? [first, 1] : batchFirst ? [second, first] : [first, second];
  const layout = { T, N, batchFirst: batchFirst && !isOne ? 1 : 0 } as const;
  if (lengths === undefined) return { ...layout, lengths: 0, steps: new Array(N).fill(T) };
  if (isOne) throw new ShapeError(argument, `${sequences(batchFirst, "K")}, there being lengths`, show([...shape]));
  const steps = checkLengths("lengths", lengths, N, T);
  const ptr = buffers.get("lengths", 4 * N);
  runtime.view("i32", ptr, N).set(steps);
  return { ...layout, lengths: ptr, steps };
}

/** @internal Emissions of one sequence: a copy. @throws {ArgumentError} @throws {ShapeError} */
export function readSample(argument: string, sample: unknown, K: number): { values: FloatArray; shape: readonly number[] } {
  if (!isPlain(sample)) throw new ArgumentError(argument, "a Tensor, or { data, shape } of one sequence", show(sample));
  const { data, shape } = sample;
  const [T, width, ...more] = checkShape(`${argument}.shape`, shape);
  if (T === undefined || width !== K || more.length > 0) throw new ShapeError(`${argument}.shape`, `[T, ${K}]`, show([T, width, ...more]));
  return { values: Float64Array.from(checkData(`${argument}.data`, data, T * K)), shape: [T, K] };
}

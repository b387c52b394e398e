/** From samples to batches: order, buckets, padding. */
import { checkData, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import type { Generator } from "../random.js";
import type { Runtime } from "../runtime.js";
import type { DType, FloatType, Tensor } from "../tensor.js";

/** One example: a sequence and what it should give. */
export interface Sample {
  /**
   * The sequence, T steps: an Int32Array of tokens; an array of steps, each an array of features; or numbers in a row, `features` a
   * step.
   */
  readonly x: ArrayLike<number> | ArrayLike<ArrayLike<number>>;
  /** A class or a number for the whole sequence, or flat numbers: as many as the model predicts for it. */
  readonly y: number | ArrayLike<number>;
}

/** Samples: an array, something to iterate over, or a function that gives those of an epoch; epochs count from 0. */
export type Samples =
  | readonly Sample[]
  | Iterable<Sample>
  | AsyncIterable<Sample>
  | ((epoch: number) => Iterable<Sample> | AsyncIterable<Sample>);

/** @internal How samples become batches. */
export interface Batching {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly bucketByLength: boolean;
  readonly features: number;
}

/** Batches whose lengths are sorted together: enough to make them even, few enough to stay random. */
const BATCHES_IN_BUCKET = 50;

/** @internal Whether the samples can be gone through again from the start. */
export function isRestartable(samples: Samples): boolean {
  if (typeof samples === "function" || Array.isArray(samples)) return true;
  const source = samples as Partial<Iterable<Sample> & AsyncIterable<Sample>>;
  return (source[Symbol.iterator]?.() ?? source[Symbol.asyncIterator]?.()) !== source;
}

/** @internal @throws {ArgumentError} */
export function checkSamples(argument: string, samples: unknown, { shuffle, bucketByLength }: Batching): Samples {
  if (typeof samples === "function") {
    // It is asked for its samples when they are needed.
  } else if (typeof samples !== "object" || samples === null || !(Symbol.iterator in samples || Symbol.asyncIterator in samples)) {
    throw new ArgumentError(argument, "samples: an array, an iterable, or a function that returns one", show(samples));
  }
  if (Array.isArray(samples)) {
    if (samples.length === 0) throw new ArgumentError(argument, "at least one sample", "none");
    return samples;
  }
  const option = shuffle ? "shuffle" : bucketByLength ? "bucketByLength" : undefined;
  if (option) throw new ArgumentError(option, `false, ${argument} being no array`, "true");
  return samples as Samples;
}

/** @internal Which part of the samples is gone through. */
export interface Pass {
  /** From 0. */
  readonly epoch: number;
  /** Batches that are left out. */
  readonly skip: number;
}

/** @internal The batches of one epoch. Draws from the generator only where it shuffles. */
export async function* batchesOf(
  samples: Samples,
  batching: Batching,
  generator: Generator,
  { epoch, skip }: Pass,
): AsyncGenerator<readonly Sample[]> {
  if (Array.isArray(samples)) {
    for (const batch of orderOf(samples, batching, generator).slice(skip)) yield batch.map((i) => samples[i] as Sample);
    return;
  }
  let batch: Sample[] = [];
  const source = typeof samples === "function" ? samples(epoch) : samples;
  let left = skip;
  for await (const sample of source as AsyncIterable<Sample>) {
    batch.push(sample);
    if (batch.length < batching.batchSize) continue;
    if (left > 0) left--;
    else yield batch;
    batch = [];
  }
  if (batch.length > 0 && left === 0) yield batch;
}

function orderOf(samples: readonly Sample[], { batchSize, shuffle, bucketByLength, features }: Batching, generator: Generator): number[][] {
  const order = samples.map((_, i) => i);
  if (shuffle) shuffleInPlace(order, generator);
  if (!bucketByLength) return chunks(order, batchSize);
  const length = (i: number) => lengthOf((samples[i] as Sample).x, features);
  const batches = chunks(order, batchSize * BATCHES_IN_BUCKET).flatMap((bucket) =>
    chunks(
      bucket.sort((a, b) => length(a) - length(b)),
      batchSize,
    ),
  );
  if (shuffle) shuffleInPlace(batches, generator);
  return batches;
}

function chunks<V>(values: readonly V[], size: number): V[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}

/** Source: Fisher & Yates, as in Knuth, The Art of Computer Programming, 3.4.2 P. */
function shuffleInPlace<V>(values: V[], generator: Generator): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = generator.integer(i + 1);
    [values[i], values[j]] = [values[j] as V, values[i] as V];
  }
}

function isNested(x: Sample["x"]): x is ArrayLike<ArrayLike<number>> {
  return !ArrayBuffer.isView(x) && typeof x[0] === "object";
}

function lengthOf(x: Sample["x"], features: number): number {
  return isNested(x) || x instanceof Int32Array ? x.length : x.length / features;
}

/** @internal The input of a batch: x [T,N,I], or tokens [T,N]; yours to dispose of. Lengths where they differ. */
export interface Input {
  readonly x: Tensor;
  readonly T: number;
  readonly lengths: Int32Array | undefined;
}

/** @internal @throws {ArgumentError} @throws {ShapeError} naming the sample */
export function inputOf(runtime: Runtime, dtype: FloatType, batch: readonly Sample[], { features }: Batching): Input {
  const N = batch.length;
  const first = batch[0]?.x;
  const tokens = first instanceof Int32Array;
  const lengths = Int32Array.from(batch, ({ x }, n) => {
    if (typeof x !== "object" || x === null || !(x.length > 0))
      throw new ArgumentError(`x of sample ${n} of the batch`, "one or more steps", show(x));
    if (x instanceof Int32Array !== tokens)
      throw new ArgumentError(
        `x of sample ${n} of the batch`,
        tokens ? "tokens (an Int32Array), as the first" : "numbers, as the first",
        show(x),
      );
    const length = lengthOf(x, features);
    if (!Number.isInteger(length))
      throw new ShapeError(`x of sample ${n} of the batch`, `a multiple of ${features} numbers`, `${x.length}`);
    return length;
  });
  const T = Math.max(...lengths);
  const I = tokens ? 1 : first && isNested(first) ? (first[0] as ArrayLike<number>).length : features;
  const data = tokens ? new Int32Array(T * N) : dtype === "f64" ? new Float64Array(T * N * I) : new Float32Array(T * N * I);
  for (const [n, { x }] of batch.entries()) {
    for (let t = 0; t < (lengths[n] as number); t++) {
      const at = (t * N + n) * I;
      if (isNested(x)) {
        data.set(checkData(`x[${t}] of sample ${n} of the batch`, x[t], I), at);
      } else {
        for (let i = 0; i < I; i++) data[at + i] = x[t * I + i] as number;
      }
    }
  }
  const tensor = runtime.tensor(data, tokens ? [T, N] : [T, N, I], { dtype: tokens ? "i32" : dtype });
  return { x: tensor, T, lengths: lengths.every((length) => length === T) ? undefined : lengths };
}

/** @internal The target of a batch, of the shape that the prediction asks for; yours to dispose of. `overTime`: a row for every step. */
export function targetOf(
  runtime: Runtime,
  batch: readonly Sample[],
  { T, lengths }: Input,
  prediction: Tensor,
  dtype: DType,
): { target: Tensor; overTime: boolean } {
  const N = batch.length;
  const shape = dtype === "i32" ? prediction.shape.slice(0, -1) : prediction.shape;
  const overTime = prediction.shape.length > 2 && prediction.shape[0] === T && prediction.shape[1] === N;
  if (!overTime && prediction.shape[0] !== N) {
    throw new ShapeError("prediction", `[${N}, …] or [${T}, ${N}, …] for such a batch`, show([...prediction.shape]));
  }
  const D = shape.slice(overTime ? 2 : 1).reduce((a, b) => a * b, 1);
  const data =
    dtype === "i32"
      ? new Int32Array(shape.reduce((a, b) => a * b, 1))
      : dtype === "f64"
        ? new Float64Array(prediction.size)
        : new Float32Array(prediction.size);
  for (const [n, { y }] of batch.entries()) {
    const steps = overTime ? (lengths?.[n] ?? T) : 1;
    const values = checkData(`y of sample ${n} of the batch`, typeof y === "number" ? [y] : y, steps * D, dtype === "i32");
    for (let t = 0; t < steps; t++) for (let d = 0; d < D; d++) data[(t * N + n) * D + d] = values[t * D + d] as number;
  }
  return { target: runtime.tensor(data, shape, { dtype }), overTime };
}

/** From samples to batches: where they come from, and in which order. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Generator } from "../random.js";
import type { AbortSignalLike } from "../signal.js";
import { partsOf, type Sample, stepsOf } from "./sample.js";
import { checkIterable, samplesOf } from "./source.js";

export type { Sample };

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

/** @internal A sample and its place in the data. */
export interface Picked {
  /** From 0: in the array, or in the order in which the samples came. */
  readonly index: number;
  readonly sample: Sample;
}

/** @internal Which part of the samples is gone through. */
export interface Pass {
  /** From 0. */
  readonly epoch: number;
  /** Batches that are left out. */
  readonly skip: number;
  /** Ends the waiting for a sample, by its reason. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Batches whose lengths are sorted together: enough to make them even, few enough to stay random. */
const BATCHES_IN_BUCKET = 50;

/**
 * @internal Whether the samples can be gone through again from the start. Nothing is asked of them: a stream would be locked, a
 * generator begun. What has a `next` is an iterator under way; what has readers or listeners is a stream, which ends once.
 */
export function isRestartable(samples: Samples): boolean {
  if (typeof samples === "function" || Array.isArray(samples)) return true;
  const source = samples as { next?: unknown; getReader?: unknown; on?: unknown };
  return [source.next, source.getReader, source.on].every((method) => typeof method !== "function");
}

/** @internal @throws {ArgumentError} */
export function checkSamples(argument: string, samples: unknown, { shuffle, bucketByLength }: Batching): Samples {
  if (Array.isArray(samples)) {
    if (samples.length === 0) throw new ArgumentError(argument, "at least one sample", "none");
    // Before an order is made of them: an array may be long and hold nothing.
    for (let i = 0; i < samples.length; i++) {
      if (typeof samples[i] !== "object") throw new ArgumentError(`sample ${i}`, "{ x, y }", show(samples[i]));
    }
    return samples;
  }
  if (typeof samples !== "function") checkIterable(argument, "samples: an array, an iterable, or a function that returns one", samples);
  const option = shuffle ? "shuffle" : bucketByLength ? "bucketByLength" : undefined;
  if (option) throw new ArgumentError(option, `false, ${argument} being no array`, "true");
  return samples as Samples;
}

/** @internal The batches of one epoch. Draws from the generator only where it shuffles. @throws {ArgumentError} on no samples */
export async function* batchesOf(
  argument: string,
  samples: Samples,
  batching: Batching,
  generator: Generator,
  { epoch, skip, signal }: Pass,
): AsyncGenerator<readonly Picked[]> {
  if (Array.isArray(samples)) {
    for (const batch of orderOf(samples, batching, generator).slice(skip)) yield batch.map((index) => ({ index, sample: samples[index] }));
    return;
  }
  const source: unknown = typeof samples === "function" ? samples(epoch) : samples;
  checkIterable(argument, "a function that returns an array or an iterable", source);
  let left = skip;
  let index = 0;
  let batch: Picked[] = [];
  for await (const sample of samplesOf<Sample>(argument, source as object, signal)) {
    batch.push({ index: index++, sample });
    if (batch.length < batching.batchSize) continue;
    if (left > 0) left--;
    else yield batch;
    batch = [];
  }
  if (index === 0) throw new ArgumentError(argument, "at least one sample", epoch === 0 ? "none" : `none in epoch ${epoch + 1}`);
  if (batch.length > 0) {
    if (left > 0) left--;
    else yield batch;
  }
  if (left > 0) throw new ArgumentError(argument, `${skip} batches or more in epoch ${epoch + 1}, as in the checkpoint`, `${skip - left}`);
}

function orderOf(samples: readonly Sample[], { batchSize, shuffle, bucketByLength, features }: Batching, generator: Generator): number[][] {
  const order = Array.from({ length: samples.length }, (_, i) => i);
  const lengths = bucketByLength ? order.map((i) => stepsOf(i, partsOf(i, samples[i]).x, features)) : [];
  if (shuffle) shuffleInPlace(order, generator);
  if (!bucketByLength) return chunks(order, batchSize);
  const batches = chunks(order, batchSize * BATCHES_IN_BUCKET).flatMap((bucket) =>
    chunks(
      bucket.sort((a, b) => (lengths[a] as number) - (lengths[b] as number)),
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

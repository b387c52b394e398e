/** From samples to batches: where they come from, and in which order. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Generator } from "../random.js";
import type { AbortSignalLike } from "../signal.js";
import type { Pauses } from "./pause.js";
import { inputsOf, partsOf, type Sample, type SampleByName, stepsOf } from "./sample.js";
import { checkIterable, samplesOf } from "./source.js";

export type { Sample, SampleByName };

/** Samples: an array, something to iterate over, or a function that gives those of an epoch; epochs count from 0. */
export type Samples =
  | readonly SampleByName[]
  | Iterable<SampleByName>
  | AsyncIterable<SampleByName>
  | ((epoch: number) => Iterable<SampleByName> | AsyncIterable<SampleByName>);

/** @internal How samples become batches. */
export interface Batching {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly bucketByLength: boolean;
  readonly features: number;
  /** Place in the data of the first of these samples, where others were cut off before. Default 0. */
  readonly from?: number;
}

/** @internal A sample and its place in the data. */
export interface Picked {
  /** From 0: in the array, or in the order in which the samples came. */
  readonly index: number;
  readonly sample: SampleByName;
}

/** @internal Which part of the samples is gone through. */
export interface Pass {
  /** From 0. */
  readonly epoch: number;
  /** Batches that are left out. */
  readonly skip: number;
  /** Ends the waiting for a sample, by its reason. */
  readonly signal?: AbortSignalLike | undefined;
  /** Cut the work into tasks: there may be many samples, or slow ones. */
  readonly pauses: Pauses;
}

/** Samples between two looks at the clock, where each is little work. */
const SLICE = 1024;

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

/** @internal @param expected of a sample @throws {ArgumentError} */
export function checkSamples(argument: string, samples: unknown, { shuffle, bucketByLength }: Batching, expected = "{ x, y }"): Samples {
  if (Array.isArray(samples)) {
    if (samples.length === 0) throw new ArgumentError(argument, "at least one sample", "none");
    // Before an order is made of them: an array may be long and hold nothing.
    for (let i = 0; i < samples.length; i++) {
      if (typeof samples[i] === "object") continue;
      throw new ArgumentError(`sample ${i}${argument === "data" ? "" : ` of ${argument}`}`, expected, show(samples[i]));
    }
    return samples;
  }
  if (typeof samples !== "function")
    checkIterable(argument, "samples { x, y }: an array of them, an iterable, or a function that returns one", samples);
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
  { epoch, skip, signal, pauses }: Pass,
): AsyncGenerator<readonly Picked[]> {
  await pauses.due();
  if (Array.isArray(samples)) {
    const order = await orderOf(samples, batching, generator, pauses);
    signal?.throwIfAborted();
    const batches = batching.bucketByLength
      ? await bucketed(samples, order, batching, generator, pauses)
      : chunks(order, batching.batchSize);
    signal?.throwIfAborted();
    const { from = 0 } = batching;
    for (const batch of batches) if (skip-- <= 0) yield batch.map((index) => ({ index: from + index, sample: samples[index] }));
    return;
  }
  signal?.throwIfAborted();
  const source: unknown = typeof samples === "function" ? samples(epoch) : samples;
  checkIterable(argument, "a function that returns an array or an iterable", source);
  let left = skip;
  let index = 0;
  let batch: Picked[] = [];
  for await (const sample of samplesOf<SampleByName>(argument, source as object, signal)) {
    batch.push({ index: index++, sample });
    await pauses.due();
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

/** Places of the samples, shuffled where that is asked for. */
async function orderOf(samples: readonly SampleByName[], { shuffle }: Batching, generator: Generator, pauses: Pauses): Promise<number[]> {
  const order = Array.from({ length: samples.length }, (_, i) => i);
  if (shuffle) await shuffleInPlace(order, generator, pauses);
  return order;
}

/** Batches of like lengths: of several inputs, the longest. */
async function bucketed(
  samples: readonly SampleByName[],
  order: readonly number[],
  { batchSize, shuffle, features }: Batching,
  generator: Generator,
  pauses: Pauses,
): Promise<number[][]> {
  const lengths: number[] = [];
  for (let i = 0; i < order.length; i++) {
    if (i % SLICE === 0) await pauses.due();
    const steps = inputsOf(i, partsOf(i, samples[i]).x).map(({ x, label }) => stepsOf(i, x, features, label));
    lengths.push(Math.max(...steps));
  }
  const batches: number[][] = [];
  for (const bucket of chunks(order, batchSize * BATCHES_IN_BUCKET)) {
    bucket.sort((a, b) => (lengths[a] as number) - (lengths[b] as number));
    for (const batch of chunks(bucket, batchSize)) batches.push(batch);
    await pauses.due();
  }
  if (shuffle) await shuffleInPlace(batches, generator, pauses);
  return batches;
}

function* chunks<V>(values: readonly V[], size: number): Iterable<V[]> {
  for (let at = 0; at < values.length; at += size) yield values.slice(at, at + size);
}

/** Source: Fisher & Yates, as in Knuth, The Art of Computer Programming, 3.4.2 P. */
async function shuffleInPlace<V>(values: V[], generator: Generator, pauses: Pauses): Promise<void> {
  for (let i = values.length - 1; i > 0; i--) {
    if (i % SLICE === 0) await pauses.due();
    const j = generator.integer(i + 1);
    [values[i], values[j]] = [values[j] as V, values[i] as V];
  }
}

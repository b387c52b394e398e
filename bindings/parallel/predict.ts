/** Predictions over a pool, in order, for any number of samples. */
import { checkOptions } from "../checks.js";
import { Generator } from "../random.js";
import type { Scaler } from "../series/scaler.js";
import { type AbortSignalLike, checkSignal } from "../signal.js";
import { batchesOf, checkSamples, type Picked, type Samples } from "../training/data.js";
import { batchingOf, checkModel } from "../training/doors.js";
import { Pauses } from "../training/pause.js";
import type { Inputs, PredictionOf } from "../training/predict.js";
import type { TrainableByName } from "../training/trainable.js";
import { describeScaler } from "../worker/scalers.js";
import { shareable } from "./host.js";
import { checkPool, type Pool } from "./pool.js";
import { Sections } from "./sections.js";
import { writeSetup } from "./setup.js";
import { alone, describeModel, type ModelModule } from "./travel.js";
import type { PredictTask } from "./wire.js";

/** Batches under way for each worker: one that it has, one that waits for it. */
const AHEAD = 2;

/** Options of `predictParallel`. */
export interface PredictParallelOptions {
  pool: Pool;
  /** Samples that a worker gets at a time. Default 32. A sample's bits do not depend on it. */
  batchSize?: number;
  /** Features of a step in samples that are flat. Default 1. */
  features?: number;
  /** The scaler of the targets: predictions come in the units of the data. */
  targetScaler?: Scaler;
  /** Of a model of one's own class: the module that makes it in every worker. */
  module?: ModelModule;
  /** Ends the predictions by its reason. */
  signal?: AbortSignalLike;
}

/**
 * What a model predicts for each sample, in their order and with the bits of `predict`, computed by the workers of a pool. Samples are taken as predictions are:
 * of a source without an end two batches for each worker are under way, no more. The parameters are those at the first prediction.
 *
 * @param data as `predict` takes it
 * @example
 * for await (const { data } of predictParallel(model, samples, { pool })) console.log(data);
 * @throws {ArgumentError} @throws {ShapeError} @throws {DTypeError} naming the sample by its place in the data
 * @throws {WorkerError} when workers end over one batch again and again
 * @throws {DisposedError} also of the pool @throws {MemoryError} @throws {FormatError}
 */
export async function* predictParallel<Model extends TrainableByName>(
  model: Model,
  data: Inputs,
  options: PredictParallelOptions,
): AsyncGenerator<PredictionOf<ReturnType<Model["forward"]>>, void, undefined> {
  const given = checkOptions(options, ["pool", "batchSize", "features", "targetScaler", "module", "signal"]);
  const pool = checkPool(given.pool);
  const signal = checkSignal(given.signal);
  checkModel(model, ["forward", "eval", "train", "namedParameters"]);
  const batching = batchingOf({
    ...(given.batchSize !== undefined && { batchSize: given.batchSize }),
    ...(given.features !== undefined && { features: given.features }),
  });
  const targetScaler = given.targetScaler === undefined ? undefined : describeScaler("targetScaler", given.targetScaler);
  const samples = checkSamples("data", data, batching, "x, or { x }") as Samples;
  const sections = new Sections(model.namedParameters());
  const setup = pool.part(writeSetup(describeModel(model, given.module, { outputs: [], features: batching.features })));
  const bytes = shareable(sections.bytes);
  sections.copyTo(bytes);
  const parts = [setup, pool.part(bytes)];
  const close = pool.open(setup);
  type Predictions = PredictionOf<ReturnType<Model["forward"]>>[];
  const ahead: Promise<Predictions>[] = [];
  try {
    const pass = { epoch: 0, skip: 0, pauses: new Pauses(), signal };
    for await (const picked of batchesOf("data", samples, batching, new Generator(), pass)) {
      const name = `a batch (samples ${picked[0]?.index} … ${picked.at(-1)?.index})`;
      const job = pool.job("predict", parts, { picked: picked.map(sent), targetScaler } satisfies PredictTask);
      const answer = pool.run(job, name) as Promise<Predictions>;
      answer.catch(() => {}); // it is told when its turn comes
      ahead.push(answer);
      if (ahead.length >= AHEAD * pool.workers) yield* await (ahead.shift() as Promise<Predictions>);
      signal?.throwIfAborted();
    }
    for (const answer of ahead) {
      yield* await answer;
      signal?.throwIfAborted();
    }
  } finally {
    close();
  }
}

/** Of a sample x alone. */
function sent({ index, sample }: Picked): Picked {
  const isSample = typeof sample === "object" && sample !== null && !("length" in sample);
  return { index, sample: (isSample ? { x: alone(sample.x) } : alone(sample)) as Picked["sample"] };
}

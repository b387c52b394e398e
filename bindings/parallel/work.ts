/** In a worker: does jobs, and keeps what they have in common. */
import { show } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import { createRuntime } from "../runtime.js";
import { checkScaler } from "../series/fitted.js";
import { scalerOf } from "../series/scalers.js";
import { type Predictor, predictBatch, predictorOf } from "../training/predict.js";
import { importModule } from "../worker/build.js";
import * as library from "../worker/library.js";
import { packError } from "../worker/packed-errors.js";
import { gradientsOf } from "./compute.js";
import { type Replica, replicaOf } from "./replica.js";
import { readSetup } from "./setup.js";
import { type Answer, type GradientTask, type Job, type Part, PROTOCOL, type PredictTask, type TrialTask } from "./wire.js";

/** What a worker holds, by the number of the set-up. */
interface Held {
  readonly replica: Replica;
  predictor?: Predictor;
}

const held = new Map<number, Held>();

/** Does a job; what it throws is its answer. */
export async function work(job: Job): Promise<Answer> {
  try {
    for (const [id, { replica }] of held) {
      if (job.live.includes(id)) continue;
      held.delete(id);
      replica.dispose();
    }
    return { value: await doneOf(job) };
  } catch (error) {
    return { error: packError(error) };
  }
}

async function doneOf({ what, parts, body }: Job): Promise<unknown> {
  if (what === "hello") return PROTOCOL;
  if (what === "trial") return runTrial(body as TrialTask);
  const [setup, parameters] = parts as [Part, Part];
  const mine = held.get(setup.id) ?? (await hold(setup));
  mine.replica.take(parameters);
  if (what === "gradients") return gradientsOf(mine.replica, body as GradientTask);
  const { picked, targetScaler } = body as PredictTask;
  const { model, frame, features } = mine.replica;
  const scaler = targetScaler === undefined ? undefined : checkScaler("targetScaler", scalerOf(targetScaler));
  mine.predictor ??= predictorOf(model, frame, features, scaler);
  return predictBatch(mine.predictor, picked);
}

async function hold({ id, bytes }: Part): Promise<Held> {
  if (!bytes) throw new FormatError("pool: expected how the model is made, got a job without it");
  const mine = { replica: await replicaOf(readSetup(bytes)) };
  held.set(id, mine);
  return mine;
}

/** A trial has a runtime of its own, which ends with it. */
async function runTrial({ module, parameters, context }: TrialTask): Promise<unknown> {
  const { default: train } = await importModule(module);
  if (typeof train !== "function")
    throw new FormatError(`module: expected a default export that is a function, got ${typeof train} of ${module}`);
  using rt = await createRuntime({ seed: context.seed });
  const score: unknown = await train(parameters, { ...context, rt, library });
  if (typeof score !== "number") throw new ArgumentError("train", "a finite number as its score", show(score)); // some cannot be sent
  return score;
}

/** Networks that learn at the same time, each in a worker with a runtime of its own: two on two cores. */
import { existsSync } from "node:fs";
import type { Callbacks } from "wasm-rnn";
import { createRuntime, fit } from "wasm-rnn/worker";
import type { Checkpoint } from "./saving.js";

export interface Learner {
  /** Of all that is random in its worker. */
  readonly seed: number;
  readonly checkpoint: Checkpoint;
  /** What the module's function is called with. */
  readonly options: unknown;
}

export interface Together {
  readonly signal: AbortSignal;
  /** Each from its checkpoint, or from the beginning where it has none. */
  readonly resume: boolean;
  readonly stepsBetweenCheckpoints: number;
  /** Of the first one; the others keep pace with it. */
  readonly callbacks: Callbacks;
}

/** Of two that learn side by side: no run has another's. */
export function seedsOf(seed: number): [number, number] {
  return [seed, seed + 2 ** 31];
}

/**
 * @param module whose default export gives a model and how it is learned (docs/worker.md)
 * @returns each model's file
 */
export async function learnSideBySide(
  module: URL,
  learners: readonly Learner[],
  { signal, resume, stepsBetweenCheckpoints: every, callbacks }: Together,
): Promise<Uint8Array[]> {
  const stop = new AbortController(); // where one fails, the others have no use
  const errors: unknown[] = [];
  const files = learners.map(async ({ seed, checkpoint, options }, i) => {
    try {
      await using rt = await createRuntime({ seed });
      const model = await rt.module(module, options);
      await fit(model, {
        ...{ signal: AbortSignal.any([signal, stop.signal]), checkpoint: { ...checkpoint, every } },
        ...{ resume: resume && existsSync(checkpoint.file), ...(i === 0 && { callbacks }) },
      });
      return await model.save();
    } catch (error) {
      errors.push(error);
      stop.abort();
      return new Uint8Array();
    }
  });
  const all = await Promise.all(files); // each has kept its checkpoint
  if (errors.length > 0) throw errors[0];
  return all;
}

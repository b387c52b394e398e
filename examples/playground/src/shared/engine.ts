/** The runtime in a worker, one for the page: what learns there does not hold up what is seen here. */
import { createRuntime, type WorkerRuntime } from "wasm-rnn/worker";

let started: Promise<WorkerRuntime> | undefined;

/** Started at the first call, and again after it has failed. */
export function engine(): Promise<WorkerRuntime> {
  started ??= createRuntime().catch((error) => {
    started = undefined;
    throw error;
  });
  return started;
}

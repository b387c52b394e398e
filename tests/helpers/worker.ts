/** Runtimes in worker_threads, from the sources. */
import { Worker } from "node:worker_threads";
import { createRuntime, type WorkerRuntime, type WorkerRuntimeOptions } from "../../bindings/worker.js";
import { BUILD } from "./raw.js";

/** A worker that runs bindings/worker-thread.ts. */
export function sourceWorker(): Worker {
  return new Worker(new URL("../../bindings/worker-thread.ts", import.meta.url), { execArgv: ["--import", "@oxc-node/core/register"] });
}

/** A runtime in such a worker, on the build under test. */
export function workerRuntime(options: WorkerRuntimeOptions = {}): Promise<WorkerRuntime> {
  return createRuntime({ build: BUILD as WorkerRuntimeOptions["build"], worker: sourceWorker, ...options });
}

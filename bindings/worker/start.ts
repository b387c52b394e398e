/** The package's own worker. */
import { WorkerError } from "../errors.js";
import type { WorkerLike } from "./connection.js";

/** A module Worker where the host has them, else one of Node's. The form is the one by which bundlers find the script. */
export function startWorker(): WorkerLike {
  if (typeof Worker === "function") return new Worker(new URL("./worker-thread.js", import.meta.url), { type: "module" });
  return startThread(import.meta.url);
}

/** @param here by a name of its own: bundlers for pages copy what they find beside `import.meta.url`, a second time */
function startThread(here: string): WorkerLike {
  const threads = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (!threads) throw new WorkerError("worker: expected a host with Worker, got one without");
  const isEval = process.execArgv.some((flag) => flag.startsWith("--input-type")); // of --eval alone: with a file Node refuses it
  return new threads.Worker(new URL("./worker-thread.js", here), isEval ? { execArgv: [] } : {}) as WorkerLike;
}

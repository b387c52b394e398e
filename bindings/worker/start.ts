/** The package's own worker. */
import { WorkerError } from "../errors.js";
import type { WorkerLike } from "./connection.js";

/** A module Worker where the host has them, else one of Node's. The form is the one by which bundlers find the script. @throws {WorkerError} */
export function startWorker(): WorkerLike {
  try {
    if (typeof Worker === "function") return new Worker(new URL("./worker-thread.js", import.meta.url), { type: "module" });
    return startThread(import.meta.url);
  } catch (cause) {
    if (cause instanceof WorkerError) throw cause;
    throw new WorkerError(`worker: expected it to start, got ${cause}${cureOf()}`, { cause });
  }
}

/** @param here by a name of its own: bundlers for pages copy what they find beside `import.meta.url`, a second time */
function startThread(here: string): WorkerLike {
  const threads = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (!threads) throw new WorkerError("worker: expected a host with Worker, got one without");
  const isEval = process.execArgv.some((flag) => flag.startsWith("--input-type")); // of --eval alone: with a file Node refuses it
  return new threads.Worker(new URL("./worker-thread.js", here), isEval ? { execArgv: [] } : {}) as WorkerLike;
}

/** Where its script is looked for, and what to do where it is not there: the end of a message. */
export function cureOf(here: string | undefined = import.meta.url): string {
  let address = "nowhere, import.meta.url not being an address here";
  try {
    address = new URL("./worker-thread.js", here).href;
  } catch {
    // Bundled as a script, or as CommonJS: it is not known where.
  }
  return `. The script is looked for here: ${address}. esbuild and Rollup do not put it there: hand a worker over, createRuntime({ worker: () => new Worker(…) }), of a file with one line that imports wasm-rnn/worker-thread (docs/worker.md, "Where the script comes from")`;
}

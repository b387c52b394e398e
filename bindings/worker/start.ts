/** The package's own worker. */
import { WasmRnnError, WorkerError } from "../errors.js";
import { textOf, type WorkerLike } from "./connection.js";

/** A module Worker where the host has them, else one of Node's. The form is the one by which bundlers find the script. */
function startWorker(): WorkerLike {
  if (typeof Worker === "function") return new Worker(new URL("./worker-thread.js", import.meta.url), { type: "module" });
  return startThread(import.meta.url);
}

/**
 * @param make the caller's function; default: the package's own worker
 * @returns the worker, and what a message says to whom it does not start
 * @throws {WorkerError} where it cannot be made
 */
export function makeWorker(make: () => WorkerLike = startWorker): { worker: WorkerLike; cure: string } {
  const cure = make === startWorker ? cureOf() : "";
  try {
    return { worker: make(), cure };
  } catch (cause) {
    if (cause instanceof WasmRnnError) throw cause;
    throw new WorkerError(`worker: expected it to start, got ${textOf(cause)}${refusalCureOf(cause) ?? cure}`, { cause });
  }
}

/** What to do where the host refuses to make any such worker. */
function refusalCureOf(cause: unknown): string | undefined {
  const { name, message } = (cause ?? {}) as Partial<Error>;
  if (name === "SecurityError")
    return '. A page takes workers of its own origin alone: serve the package from there, or hand over one whose script is a Blob that imports the file from where it is (docs/worker.md, "Where the script comes from")';
  if (name === "TypeError" && /Trusted/.test(String(message)))
    return '. The page asks for trusted addresses: hand over a worker of one that a policy of yours made, createRuntime({ worker: () => new Worker(policy.createScriptURL(…), { type: "module" }) })';
  return undefined;
}

/** @param here by a name of its own: bundlers for pages copy what they find beside `import.meta.url`, a second time */
function startThread(here: string): WorkerLike {
  const threads = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (!threads) throw new WorkerError("worker: expected a host with Worker, got one without");
  const isEval = process.execArgv.some((flag) => flag.startsWith("--input-type")); // of --eval alone: with a file Node refuses it
  return new threads.Worker(new URL("./worker-thread.js", here), isEval ? { execArgv: [] } : {}) as WorkerLike;
}

/** Where its script is looked for, and what to do where it is not there: the end of a message. */
function cureOf(here: string | undefined = import.meta.url): string {
  let address = "nowhere, import.meta.url not being an address here";
  try {
    address = new URL("./worker-thread.js", here).href;
  } catch {
    // Bundled as a script, or as CommonJS: it is not known where.
  }
  return `. The script is looked for here: ${address}. esbuild and Rollup do not put it there: hand a worker over, createRuntime({ worker: () => new Worker(…) }), of a file with one line that imports wasm-rnn/worker-thread (docs/worker.md, "Where the script comes from")`;
}

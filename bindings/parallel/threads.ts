/** Worker threads of Node, through piscina: it starts them, hands them work, and puts another in the place of one that ends. */
import { ArgumentError, WorkerError } from "../errors.js";
import { textOf } from "../worker/connection.js";
import type { Answer, Job } from "./wire.js";

/** Something that has jobs done. A rejection is a worker's end: what the work itself throws is an answer. */
export interface Crew {
  run(job: Job): Promise<Answer>;
  /** Ends all workers, and waits for that. */
  end(): Promise<unknown>;
}

/** What Node's threads take beside the script, as `Worker` of node:worker_threads has it. */
export interface ThreadOptions {
  /** Limits of each thread's JavaScript heap; what goes beyond ends the thread, not the process. */
  resourceLimits?: { maxOldGenerationSizeMb?: number; maxYoungGenerationSizeMb?: number; codeRangeSizeMb?: number; stackSizeMb?: number };
  /** Options of the command line. Default: those of this process. */
  execArgv?: string[];
}

/** piscina's pool, as far as it is used. */
interface Piscina {
  readonly threads: readonly unknown[];
  run(job: Job, options: { signal: AbortSignal }): Promise<Answer>;
  destroy(): Promise<void>;
  on(event: "error" | "workerDestroy", listener: (error: Error) => void): void;
}

type PiscinaClass = new (options: object) => Piscina;

/** @param here where the package lies: piscina is looked for from there @throws {WorkerError} when it is not installed */
function loadPiscina(here: string): PiscinaClass {
  // Not an import: bundlers for pages would look for it, and a page has none.
  const { createRequire } = process.getBuiltinModule("node:module");
  try {
    return createRequire(here)("piscina") as PiscinaClass;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException)?.code !== "MODULE_NOT_FOUND") throw cause;
    throw new WorkerError(`pool: expected the package piscina, which keeps the threads (npm install piscina), got none from ${here}`, {
      cause,
    });
  }
}

/**
 * @param script default: the package's own
 * @param here by a name of its own: bundlers for pages copy what they find beside `import.meta.url`, a second time
 * @throws {WorkerError} when piscina is not installed
 */
export function startThreads(script: string | undefined, workers: number, options: ThreadOptions, here: string = import.meta.url): Crew {
  const Piscina = loadPiscina(here);
  const filename = script ?? new URL("./parallel-thread.js", here).href;
  const pool = started(() => new Piscina({ filename, minThreads: workers, maxThreads: workers, ...options }));
  const waiting = new Set<AbortController>();
  let failed: Error | undefined;
  pool.on("error", (error) => {
    failed = error; // of an idle thread, which is replaced: the next job tells, if it is for good
  });
  // Where a thread has ended before it was ready, piscina puts none in its place, and what waits would wait for ever.
  pool.on("workerDestroy", () => setImmediate(() => pool.threads.length === 0 && waiting.forEach((each) => void each.abort())));
  return {
    async run(job) {
      const over = new AbortController();
      waiting.add(over);
      try {
        const answer = await pool.run(job, { signal: over.signal });
        failed = undefined;
        return answer;
      } catch (error) {
        if ((error as Error)?.name === "DataCloneError") throw error;
        const cause = failed ?? (over.signal.aborted ? new Error("it ended before it was ready") : error);
        throw new WorkerError(`worker: expected it to run, got one that has ended (${textOf(cause)})`, { cause });
      } finally {
        waiting.delete(over);
      }
    },
    end: () => pool.destroy(),
  };
}

/** @throws {ArgumentError} on options that Node's threads do not take */
function started(start: () => Piscina): Piscina {
  try {
    return start();
  } catch (cause) {
    throw new ArgumentError("threads", "options of Node's Worker", textOf(cause), { cause });
  }
}

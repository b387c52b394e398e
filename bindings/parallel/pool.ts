/** A pool of workers, each with a runtime of its own. */
import { checkOptions, checkPositive, show } from "../checks.js";
import { DISPOSE } from "../dispose.js";
import { ArgumentError, DisposedError, FormatError, WorkerError } from "../errors.js";
import { unpackError } from "../worker/packed-errors.js";
import { checkWorkers, sharesMemory, threadCount, threadsOf } from "./host.js";
import { PageWorkers } from "./page-workers.js";
import { type Crew, startThreads, type ThreadOptions } from "./threads.js";
import { type Job, type Part, PROTOCOL } from "./wire.js";

/** Options of `createPool`. */
export interface PoolOptions {
  /** Default: as many as the host has hardware threads. */
  workers?: number;
  /** Workers that may end over one piece of work before it is given up. Default 3. */
  attempts?: number;
  /**
   * Where the script of a worker is: a file that has `wasm-rnn/parallel-thread` in it. Default: the package's own, which Node, Vite and webpack find
   * by themselves.
   */
  script?: string | { readonly href: string };
  /** Of Node's threads. */
  threads?: ThreadOptions;
}

/** Symbol.asyncDispose, also where the host has none yet. */
const ASYNC_DISPOSE: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? (Symbol.for("Symbol.asyncDispose") as typeof Symbol.asyncDispose);

/**
 * Starts workers for `fitParallel`, `predictParallel`, `sweep` and `crossValidate`: worker_threads in Node, through the package piscina, which has to be installed
 * beside this one; in a page its Workers. One that ends, whatever the cause, is replaced, and its work is done again.
 *
 * @example
 * await using pool = await createPool({ workers: 4 });
 * await fitParallel(model, { data, loss, optimizer, pool, microBatch: 8 });
 * @throws {ArgumentError} on an option that it cannot take
 * @throws {WorkerError} where there are no workers, they do not start, or piscina is missing
 * @throws {FormatError} when the script is of another version of the package
 */
export async function createPool(options: PoolOptions = {}): Promise<Pool> {
  const {
    workers = threadCount(),
    attempts = 3,
    script,
    threads = {},
  } = checkOptions(options, ["workers", "attempts", "script", "threads"]);
  checkPositive("workers", workers, MOST_WORKERS);
  checkPositive("attempts", attempts);
  const given = checkOptions(threads, ["resourceLimits", "execArgv"], "threads");
  checkWorkers();
  const own = script === undefined ? undefined : addressOf("script", script);
  const crew = threadsOf() ? startThreads(own, workers, given) : new PageWorkers(() => pageWorker(own), workers);
  const pool = new Pool(crew, workers, attempts);
  try {
    const version = await pool.run({ what: "hello", live: [], parts: [], body: undefined }, "the script");
    if (version !== PROTOCOL)
      throw new FormatError(`pool: expected a script of this version of the package (${PROTOCOL}), got ${show(version)}`);
    return pool;
  } catch (error) {
    await pool.dispose();
    throw error;
  }
}

/** More would be a mistake. */
const MOST_WORKERS = 1024;

function pageWorker(script: string | undefined): Worker {
  if (script !== undefined) return new Worker(script, { type: "module" });
  return new Worker(new URL("./parallel-thread.js", import.meta.url), { type: "module" }); // the form by which bundlers find the script
}

/** Made by `createPool()`. */
export class Pool {
  /** How many work at once. */
  readonly workers: number;
  /** Whether they see one memory; else parameters and gradients are copied. */
  readonly sharesMemory: boolean = sharesMemory();
  readonly #crew: Crew;
  readonly #attempts: number;
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #live = new Set<number>();
  #next = 1;
  #replaced = 0;
  #end: Promise<unknown> | undefined;

  /** @internal Use `createPool()`. */
  constructor(crew: Crew, workers: number, attempts: number) {
    this.#crew = crew;
    this.workers = workers;
    this.#attempts = attempts;
  }

  /** Whether it has been disposed of. */
  get disposed(): boolean {
    return this.#end !== undefined;
  }

  /** Workers that ended over their work, and were replaced. */
  get replaced(): number {
    return this.#replaced;
  }

  /** Ends all workers, and resolves when they have; whoever waits for work of theirs gets a `DisposedError`. */
  dispose(): Promise<void> {
    this.#end ??= this.#crew.end();
    for (const reject of this.#waiting) reject(new DisposedError("pool"));
    this.#waiting.clear();
    return this.#end.then(() => {});
  }

  /** The same, and does not wait. */
  [DISPOSE](): void {
    void this.dispose();
  }

  /** The same, and waits. */
  [ASYNC_DISPOSE](): Promise<void> {
    return this.dispose();
  }

  /** @internal Bytes for jobs, under a number of their own. */
  part(bytes: Uint8Array): Part {
    return { id: this.#next++, bytes };
  }

  /** @internal Whose parts workers keep. @returns no longer */
  open({ id }: Part): () => void {
    this.#live.add(id);
    return () => this.#live.delete(id);
  }

  /** @internal A job for these parts. */
  job(what: Job["what"], parts: readonly Part[], body: unknown): Job {
    return { what, live: [...this.#live], parts, body };
  }

  /**
   * @internal Has a job done, again where its worker has ended.
   *
   * @param name of the job, for the error
   * @throws what the work throws; {WorkerError} when workers end over it again and again @throws {DisposedError}
   */
  async run(job: Job, name: string): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      if (this.#end) throw new DisposedError("pool");
      try {
        const answer = await this.#race(this.#crew.run({ ...job, live: [...this.#live] })); // again: whose parts are kept by now
        if (typeof answer !== "object" || answer === null)
          throw new FormatError(`pool: expected a script that has wasm-rnn/parallel-thread in it, got one that answers ${show(answer)}`);
        if ("error" in answer) throw new Answered(unpackError(answer.error));
        return answer.value;
      } catch (error) {
        if (error instanceof Answered) throw error.error;
        if ((error as Error | undefined)?.name === "DataCloneError")
          throw new ArgumentError(name, "what a worker can be sent (no functions)", String(error), { cause: error });
        if (!(error instanceof WorkerError)) throw error;
        this.#replaced++;
        if (attempt < this.#attempts) continue;
        const expected = `${name}: expected a worker to finish it, got ${attempt} that ended over it`;
        throw new WorkerError(`${expected} (${(error.cause as Error)?.message ?? error.message})`, { cause: error });
      }
    }
  }

  /** Until the pool is disposed of. */
  #race<R>(work: Promise<R>): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      work.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }
}

/** What the work has thrown, which may be anything. */
class Answered {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** @internal @throws {ArgumentError} unless it is one, and alive @throws {DisposedError} */
export function checkPool(pool: unknown): Pool {
  if (!(pool instanceof Pool)) throw new ArgumentError("pool", "a pool of createPool()", show(pool));
  if (pool.disposed) throw new DisposedError("pool");
  return pool;
}

/** @internal @throws {ArgumentError} on what is no address */
export function addressOf(argument: string, url: unknown): string {
  try {
    return new URL(String(url), globalThis.location?.href).href;
  } catch {
    throw new ArgumentError(argument, 'the address of a module, such as new URL("./model.js", import.meta.url)', show(url));
  }
}

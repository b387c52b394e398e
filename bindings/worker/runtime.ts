/** A runtime in a worker, as its caller holds it. */
import { show } from "../checks.js";
import { Owner } from "../dispose.js";
import { ArgumentError, DisposedError } from "../errors.js";
import type { RuntimeOptions } from "../runtime-options.js";
import type { FloatType } from "../tensor.js";
import type { Sample } from "../training/data.js";
import { Connection, type WorkerLike } from "./connection.js";
import type { ModelData } from "./descriptions.js";
import { WorkerData, WorkerModel } from "./model.js";
import { type Parcel, parcelsOf } from "./parcels.js";
import { dropped, type RemoteHome } from "./remote.js";
import { makeWorker } from "./start.js";

/** Symbol.asyncDispose, also where the host has none yet. */
const ASYNC_DISPOSE: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? (Symbol.for("Symbol.asyncDispose") as typeof Symbol.asyncDispose);

/** Options of `createRuntime` of `wasm-rnn/worker`. */
export interface WorkerRuntimeOptions extends RuntimeOptions {
  /** Makes the worker, whose script imports `wasm-rnn/worker-thread`. Default: one of the package's own. */
  worker?: () => WorkerLike;
}

/**
 * A runtime in a worker of its own: in a page a module Worker, in Node one of worker_threads. While nothing is awaited it keeps no process alive.
 *
 * @example
 * const rt = await createRuntime({ seed: 1 });
 * const model = await rt.sequential([["GRU", { inputSize: 1, hiddenSize: 8 }], ["Dense", { inputSize: 8, outputSize: 1 }]]);
 * @throws {ArgumentError} @throws {FormatError} @throws {MemoryError} as `createRuntime` does anywhere
 * @throws {WorkerError} when the worker cannot be started
 */
export async function createRuntime(options: WorkerRuntimeOptions = {}): Promise<WorkerRuntime> {
  const { worker: make, ...rest } = checkObject("options", options);
  if (make !== undefined && typeof make !== "function") throw new ArgumentError("worker", "a function that makes a Worker", show(make));
  const { worker, cure } = makeWorker(make);
  const connection = await Connection.open(worker, cure);
  try {
    return new WorkerRuntime(connection, (await connection.call("createRuntime", [rest])) as WorkerRuntime);
  } catch (error) {
    connection.end(error as Error);
    throw error;
  }
}

/** A runtime in a worker. Made by `createRuntime()` of `wasm-rnn/worker`. */
export class WorkerRuntime extends Owner {
  /** The build that runs. */
  readonly build: string;
  /** Default element type. */
  readonly dtype: FloatType;
  /** @internal */
  readonly connection: Connection;

  /** @internal Use `createRuntime()`. */
  constructor(connection: Connection, { build, dtype }: { build: string; dtype: FloatType }) {
    super("runtime", null);
    this.connection = connection;
    this.build = build;
    this.dtype = dtype;
    dropped.register(this, () => connection.end(new DisposedError("runtime")), this);
  }

  /**
   * A model of layers one after another, from a description: names of classes, and what their constructors take after the runtime.
   *
   * @example
   * const model = await rt.sequential({
   *   embedding: ["Embedding", { numEmbeddings: 10, embeddingDim: 8 }],
   *   gru: ["GRU", { inputSize: 8, hiddenSize: 16 }],
   *   last: ["LastStep"],
   *   head: ["Dense", { inputSize: 16, outputSize: 2 }],
   * });
   * @throws {ArgumentError} on a name that is none, and what the layers throw @throws {MemoryError} @throws {DisposedError}
   */
  async sequential(layers: ModelData): Promise<WorkerModel> {
    return new WorkerModel(this, (await this.ask("sequential", [layers])) as number);
  }

  /**
   * A model of a module of one's own, whose default export is called in the worker with `{ rt, library }` and the options: see
   * `WorkerModuleFunction`.
   *
   * @param url a string or a `URL`: of the module, such as `new URL("./model.js", import.meta.url)`
   * @param options copied
   * @throws {ArgumentError} on what is no address @throws {FormatError} when it cannot be imported, or gives no model
   * @throws {DisposedError} and what the module throws
   */
  async module(url: { readonly href: string } | string, options: unknown = {}): Promise<WorkerModel> {
    return new WorkerModel(this, (await this.ask("module", [addressOf(url).href, options])) as number);
  }

  /**
   * Samples for any number of calls. Moved: their arrays, and whatever else lies in the same buffers, are empty afterwards.
   *
   * @throws {ArgumentError} on what is no array, or cannot be sent @throws {DisposedError}
   */
  async data(samples: readonly Sample[]): Promise<WorkerData> {
    this.assertAlive();
    if (!Array.isArray(samples)) throw new ArgumentError("data", "an array of samples", show(samples));
    const [id] = await hold(this, [samples]);
    return new WorkerData(this, id as number, samples.length);
  }

  /** Bytes of linear memory in use. @throws {DisposedError} */
  get bytesInUse(): Promise<number> {
    return this.ask("bytesInUse", []) as Promise<number>;
  }

  /** @internal */
  async ask(name: string, args: readonly unknown[]): Promise<unknown> {
    this.assertAlive();
    return this.connection.call(name, args, { holder: this });
  }

  /** Ends the worker. Whoever waits for an answer gets a `DisposedError`. */
  override dispose(): void {
    super.dispose();
  }

  /** The same, and waits for the end. */
  async [ASYNC_DISPOSE](): Promise<void> {
    this.dispose();
    await this.connection.ended();
  }

  /** @internal */
  protected override release(): void {
    dropped.unregister(this);
    this.connection.end(new DisposedError("runtime"));
  }
}

function addressOf(url: unknown): URL {
  try {
    return new URL(String(url), globalThis.location?.href);
  } catch {
    throw new ArgumentError("url", 'the address of a module, such as new URL("./model.js", import.meta.url)', show(url));
  }
}

/**
 * @internal Moves samples to the worker, as several lists: a buffer that more of them have views of goes once.
 *
 * @returns the numbers by which it knows the lists
 */
export async function hold(home: RemoteHome, lists: readonly (readonly unknown[])[]): Promise<number[]> {
  const { connection } = home;
  const send = (id: unknown, parcel: Parcel, first?: unknown) =>
    connection.call("hold", [id, parcel, first], { move: { data: parcel.buffers }, holder: home }) as Promise<number>;
  const places = new Map<ArrayBufferLike, number>();
  const packed = lists.map((items) => parcelsOf(items, places));
  const held: number[] = [];
  try {
    for (const parcels of packed) {
      const id = await send(undefined, { items: [], buffers: [] }, held[0]);
      held.push(id);
      for (const parcel of parcels) await send(id, parcel);
    }
    return held;
  } catch (error) {
    for (const id of held) connection.tell("release", id);
    throw error;
  }
}

/** @internal An object's members, each read once; what they may be the worker says. */
export function checkObject<O extends object>(argument: string, value: O): O {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ArgumentError(argument, "an object", show(value));
  return { ...value };
}

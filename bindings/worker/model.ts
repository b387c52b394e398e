/** Models and samples in a worker, as their caller holds them. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { isImpostor, isTruly } from "../heir.js";
import type { Scaler } from "../series/scaler.js";
import { Remote, type RemoteHome } from "./remote.js";
import { describeAll } from "./scalers.js";
import { WorkerStream } from "./stream.js";

/** Samples that were moved to the worker once, for any number of calls. Made by `rt.data()`. */
export class WorkerData extends Remote {
  /** Samples. */
  readonly length: number;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (one) => #truly in one);
  }

  readonly #truly = true;

  /** @internal Use `rt.data()`. */
  constructor(runtime: RemoteHome, id: number, length: number) {
    super("data", runtime, runtime, id);
    this.length = length;
  }
}

/** A model in the worker. Made by `rt.sequential()` and `rt.module()`. */
export class WorkerModel extends Remote {
  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (one) => #truly in one);
  }

  readonly #truly = true;

  /** @internal Use `rt.sequential()` or `rt.module()`. */
  constructor(runtime: RemoteHome, id: number) {
    super("model", runtime, runtime, id);
  }

  /**
   * The weights as the bytes of a safetensors file, as `model.save()` gives them anywhere.
   *
   * @param metadata strings of your own, and scalers, which `loadScaler(bytes, name)` of `wasm-rnn` gives back
   * @throws {ArgumentError} @throws {DisposedError}
   */
  async save(metadata: Readonly<Record<string, string | Scaler>> = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.ask("save", [describeAll(metadata)]) as Promise<Uint8Array<ArrayBuffer>>;
  }

  /**
   * Takes such weights: all of them, or none when one does not fit.
   *
   * @param bytes moved: the caller's array is empty afterwards
   * @throws {FormatError} @throws {ShapeError} @throws {DTypeError} @throws {DisposedError}
   */
  async load(bytes: Uint8Array): Promise<this> {
    await this.ask("load", [bytes], [bytes]);
    return this;
  }

  /** A table of the layers and their parameters. @throws {DisposedError} */
  summary(): Promise<string> {
    return this.ask("summary", []) as Promise<string>;
  }

  /**
   * The model one time step at a time, with the state kept.
   *
   * @param options batch: rows of a step, N; default 1
   * @throws {ArgumentError} when a layer cannot be streamed @throws {DisposedError}
   */
  async stream(options: { batch?: number } = {}): Promise<WorkerStream> {
    return new WorkerStream(this, (await this.ask("stream", [options])) as number);
  }

  /**
   * Runs one of the `methods` of a module of one's own.
   *
   * @param args moved: arrays among them are empty afterwards
   * @returns what it returns, its arrays moved here
   * @throws {ArgumentError} when there is no such method @throws {DisposedError} and what it throws
   */
  call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.ask("method", [name, args], args);
  }
}

/** @internal @throws {ArgumentError} @throws {DisposedError} */
export function checkModel(model: WorkerModel): RemoteHome {
  if (isImpostor(WorkerModel, model)) throw new ArgumentError("model", "the model itself", "a Proxy or an heir of one");
  if (!(model instanceof WorkerModel)) throw new ArgumentError("model", "a model of rt.sequential() or rt.module()", show(model));
  model.assertAlive();
  return model.runtime;
}

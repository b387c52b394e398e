/** What lives in a worker, as its caller holds it. */
import { Owner } from "../dispose.js";
import { isTruly } from "../heir.js";
import type { StreamStateCopy } from "../layers/stream-parts.js";
import type { FloatArray } from "../tensor.js";
import type { Connection } from "./connection.js";
import { ownCopy } from "./parcels.js";

/** @internal What nobody holds any more is let go. */
export const dropped = new FinalizationRegistry<() => void>((letGo) => letGo());

/** @internal The runtime that it is of. */
export interface RemoteHome {
  readonly connection: Connection;
  readonly disposed: boolean;
}

/** What a worker holds by a number. */
abstract class Remote extends Owner {
  /** @internal */
  readonly runtime: RemoteHome;
  /** @internal */
  readonly id: number;

  /** @internal */
  constructor(what: string, runtime: RemoteHome, upper: { readonly disposed: boolean }, id: number) {
    super(what, upper);
    this.runtime = runtime;
    this.id = id;
    const { connection } = runtime;
    dropped.register(this, () => connection.tell("release", id), this);
  }

  /** @internal */
  protected override release(): void {
    dropped.unregister(this);
    this.runtime.connection.tell("release", this.id);
  }
}

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

  /** The weights as the bytes of a safetensors file, as `model.save()` gives them anywhere. @throws {ArgumentError} @throws {DisposedError} */
  save(metadata: Readonly<Record<string, string>> = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.ask("save", [metadata]) as Promise<Uint8Array<ArrayBuffer>>;
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

  /** @internal */
  async ask(name: string, args: readonly unknown[], move: readonly unknown[] = []): Promise<unknown> {
    this.assertAlive();
    return this.runtime.connection.call(name, [this.id, ...args], { move, holder: this });
  }
}

/** Made by `model.stream()` of a model in a worker. Steps are taken in the order of the calls. */
export class WorkerStream extends Remote {
  /** @internal Use `model.stream()`. */
  constructor(model: WorkerModel, id: number) {
    super("stream", model.runtime, model, id);
  }

  /**
   * One time step.
   *
   * @param sample what it reads, [N, I] flat, or N tokens; copied, so that one array can serve for all steps
   * @returns what it gave, [N, O] flat
   * @throws {ShapeError} @throws {ArgumentError} @throws {DisposedError}
   */
  step(sample: ArrayLike<number>): Promise<FloatArray> {
    return this.#ask("step", ownCopy(sample)) as Promise<FloatArray>;
  }

  /** Back to the zero state: all rows, or one. @throws {ArgumentError} when there is no such row @throws {DisposedError} */
  async reset(row?: number): Promise<void> {
    await this.#ask("reset", row);
  }

  /** Copies of the states of the recurrent layers, first to last. */
  get state(): Promise<StreamStateCopy[]> {
    return this.#ask("state") as Promise<StreamStateCopy[]>;
  }

  /** Takes such copies: all, or where one does not fit none. @throws {ShapeError} @throws {ArgumentError} @throws {DisposedError} */
  async load(states: readonly StreamStateCopy[]): Promise<void> {
    await this.#ask("restore", states);
  }

  async #ask(name: string, ...args: unknown[]): Promise<unknown> {
    this.assertAlive();
    return this.runtime.connection.call(name, [this.id, ...args], { holder: this });
  }
}

/** The caller's end: calls with promises, and what becomes of them when the worker ends. */
import { show } from "../checks.js";
import { ArgumentError, FormatError, WorkerError } from "../errors.js";
import type { AbortSignalLike } from "../signal.js";
import type { Training } from "../training/fit-options.js";
import { assertHere } from "./parcels.js";
import { buffersIn, PROTOCOL, postMoving, type Reply, type Request, unpackError } from "./wire.js";

/** A page's Worker, or one of Node's worker_threads. */
export interface WorkerLike {
  /** Sends a message, and moves the buffers. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Ends it. */
  terminate(): unknown;
}

/** The same with all that either may have. */
interface AnyWorker extends WorkerLike {
  on?(event: string, listener: (value: unknown) => void): void;
  addEventListener?(event: string, listener: (event: { data?: unknown; message?: unknown; error?: unknown }) => void): void;
  ref?(): void;
  unref?(): void;
}

/** @internal How a call is made. */
export interface CallOptions {
  /** Buffers to move: those in the arguments. */
  readonly move?: readonly unknown[];
  readonly signal?: AbortSignalLike | undefined;
  /** Kept alive until the answer comes: what nobody holds is let go in the worker too. */
  readonly holder?: object;
  /** What the worker asks meanwhile. @param training to end it from here */
  readonly listen?: (name: string, value: unknown, training: Training) => unknown;
}

interface Pending extends CallOptions {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** What `listen` threw, by the number of the question. */
  readonly thrown: Map<unknown, unknown>;
}

/** @internal One worker and the calls that wait for it. */
export class Connection {
  readonly #worker: AnyWorker;
  readonly #pending = new Map<number, Pending>();
  #next = 1;
  /** Why nothing can be called any more. */
  #end: Error | undefined;
  #terminated: unknown;
  #greeted: (() => void) | undefined;
  /** Until it has started. */
  #cure: string;

  /** Resolves when the worker listens. @param cure what a message says to whom it does not start @throws {WorkerError} when it cannot start @throws {FormatError} when it is of another version */
  static async open(worker: WorkerLike, cure = ""): Promise<Connection> {
    if (typeof worker?.postMessage !== "function" || typeof worker.terminate !== "function")
      throw new ArgumentError("worker", "a function that makes a Worker", show(worker));
    const connection = new Connection(worker, cure);
    await new Promise<void>((resolve, reject) => {
      connection.#pending.set(0, { resolve: () => {}, reject, thrown: new Map() });
      connection.#greeted = resolve;
      connection.#send({ hello: PROTOCOL }); // it may have said so already, when nobody listened
    });
    connection.#settle(0);
    return connection;
  }

  constructor(worker: WorkerLike, cure: string) {
    this.#worker = worker;
    this.#cure = cure;
    const fail = (cause: unknown) => {
      const { message } = (cause ?? {}) as { message?: unknown };
      this.end(
        new WorkerError(
          `worker: expected it to run, got ${message ? `an error (${message})` : "a script that cannot be loaded"}${this.#cure}`,
          { cause },
        ),
      );
    };
    if (this.#worker.on) {
      this.#worker.on("message", (data) => this.#receive(data));
      this.#worker.on("error", fail);
      this.#worker.on("exit", (code) => this.end(new WorkerError(`worker: expected it to run, got one that has ended (code ${code})`)));
    } else {
      this.#worker.addEventListener?.("message", ({ data }) => this.#receive(data));
      this.#worker.addEventListener?.("error", (event) => fail(event.error ?? event));
    }
  }

  /** @throws what the worker answers, {ArgumentError} on what cannot be sent, and {WorkerError} when the worker has ended */
  call(name: string, args: readonly unknown[], options: CallOptions = {}): Promise<unknown> {
    if (this.#end) return Promise.reject(this.#end);
    const move = buffersIn(options.move);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      for (const buffer of move) assertHere(name, buffer);
      const abort = () => this.#send({ id, cancel: true });
      const forget =
        <V>(settle: (value: V) => void) =>
        (value: V) => {
          options.signal?.removeEventListener("abort", abort);
          settle(value);
        };
      if (this.#pending.size === 0) this.#worker.ref?.();
      this.#pending.set(id, { ...options, resolve: forget(resolve), reject: forget(reject), thrown: new Map() });
      options.signal?.addEventListener("abort", abort);
      try {
        this.#send({ id, call: name, args }, move);
      } catch (error) {
        this.#settle(id)?.reject(
          new ArgumentError(name, "what a worker can be sent (functions live in a module: rt.module())", (error as Error).message),
        );
      }
    });
  }

  /** A call that no one waits for; none when the worker has ended. */
  tell(name: string, ...args: unknown[]): void {
    if (!this.#end) this.#send({ id: 0, call: name, args });
  }

  /** Ends the worker; whoever waits gets the error, and who comes later too. */
  end(error: Error): void {
    if (this.#end) return;
    this.#end = error;
    this.#terminated = this.#worker.terminate();
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(error);
  }

  /** Resolves when the worker has ended. */
  async ended(): Promise<void> {
    await this.#terminated;
  }

  #send(message: Request, move: ArrayBuffer[] = []): void {
    postMoving((whole, transfer) => this.#worker.postMessage(whole, transfer), message, move);
  }

  /** Takes a call off the list. Without any left the worker does not keep a process alive. */
  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker.unref?.();
    return pending;
  }

  /** Whatever is not of this protocol is someone else's. */
  #receive(data: unknown): void {
    if (typeof data !== "object" || data === null) return;
    const reply = data as Reply;
    if ("welcome" in reply) this.#greet(reply.welcome);
    else if (reply.id !== 0) this.#take(reply, this.#pending.get(reply.id));
  }

  #take(reply: Exclude<Reply, { welcome: number }>, pending: Pending | undefined): void {
    if (!pending) return;
    if ("ask" in reply) void this.#answer(reply, pending);
    else if ("value" in reply) this.#settle(reply.id)?.resolve(reply.value);
    else if ("aborted" in reply) this.#settle(reply.id)?.reject(pending.signal?.reason);
    else if ("thrown" in reply) this.#settle(reply.id)?.reject(pending.thrown.get(reply.thrown));
    else if (reply.error) this.#settle(reply.id)?.reject(unpackError(reply.error));
  }

  #greet(version: unknown): void {
    this.#cure = "";
    if (version === PROTOCOL) this.#greeted?.();
    else this.end(new FormatError(`worker: expected a script of this version of the package (${PROTOCOL}), got ${show(version)}`));
  }

  async #answer({ id, ask, name, value }: Extract<Reply, { ask: number }>, pending: Pending): Promise<void> {
    const answer: { failed: boolean; value?: unknown } = { failed: false };
    try {
      await pending.listen?.(name, value, { stop: () => this.#pending.has(id) && this.#send({ id, stop: true }) });
    } catch (error) {
      pending.thrown.set(ask, error);
      answer.failed = true;
    }
    if (this.#pending.has(id)) this.#send({ id, answer: ask, ...answer });
  }
}

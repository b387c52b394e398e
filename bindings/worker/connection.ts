/** The caller's end: calls with promises, and what becomes of them when the worker ends. */
import { show } from "../checks.js";
import { ArgumentError, FormatError, WorkerError } from "../errors.js";
import type { AbortSignalLike } from "../signal.js";
import type { Training } from "../training/fit-options.js";
import { assertHere, buffersIn, postMoving } from "./moving.js";
import { unpackError } from "./packed-errors.js";
import { PROTOCOL, type Reply, type Request } from "./wire.js";

/**
 * Milliseconds in which a worker's script says that it listens. It says so before it makes a runtime: what that takes is the load of its files,
 * 250 KB, for which half a minute is enough at 70 kbit/s. A script that is not of this package never says so.
 */
const PATIENCE = 30_000;

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
  /** What is moved, by the argument's name: the buffers in it. */
  readonly move?: Readonly<Record<string, unknown>>;
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
  /** Whether it has said that it listens. */
  #isUp = false;

  /**
   * Resolves when the worker listens.
   *
   * @param cure what a message says to whom it does not start
   * @throws {WorkerError} when it does not start @throws {FormatError} when it is of another version
   */
  static async open(worker: WorkerLike, cure = "", patience = PATIENCE): Promise<Connection> {
    if (typeof worker?.postMessage !== "function" || typeof worker.terminate !== "function")
      throw new ArgumentError("worker", "a function that makes a Worker", show(worker));
    const connection = new Connection(worker, cure);
    const isSilent = () =>
      connection.end(
        new WorkerError(
          `worker: expected its script to say within ${patience / 1000} s that it listens, got nothing. It has to import wasm-rnn/worker-thread`,
        ),
      );
    const alarm = setTimeout(isSilent, patience);
    try {
      await new Promise<void>((resolve, reject) => {
        connection.#pending.set(0, { resolve: () => {}, reject, thrown: new Map() });
        connection.#greeted = resolve;
        try {
          connection.#send({ hello: PROTOCOL }); // it may have said so already, when nobody listened
        } catch (cause) {
          connection.end(new WorkerError(`worker: expected one that takes messages, got ${textOf(cause)}`, { cause }));
        }
      });
    } finally {
      clearTimeout(alarm);
    }
    connection.#settle(0);
    return connection;
  }

  constructor(worker: WorkerLike, cure: string) {
    this.#worker = worker;
    const fail = (cause: unknown) => {
      const { message } = (cause ?? {}) as { message?: unknown };
      const isEvent = !this.#worker.on && !this.#isUp; // a page's event of a script that is missing says nothing
      const silent = isEvent ? "a script that cannot be loaded" : `an error (${show(cause)})`;
      this.end(
        new WorkerError(`worker: expected it to run, got ${message ? `an error (${message})` : silent}${this.#isUp ? "" : cure}`, {
          cause,
        }),
      );
    };
    const lose = () => this.#lose();
    if (this.#worker.on) {
      this.#worker.on("message", (data) => this.#receive(data));
      this.#worker.on("messageerror", lose);
      this.#worker.on("error", fail);
      this.#worker.on("exit", (code) => this.end(new WorkerError(`worker: expected it to run, got one that has ended (code ${code})`)));
    } else {
      this.#worker.addEventListener?.("message", ({ data }) => this.#receive(data));
      this.#worker.addEventListener?.("messageerror", lose);
      this.#worker.addEventListener?.("error", (event) => fail(event.error ?? event));
    }
  }

  /** @throws what the worker answers, {ArgumentError} on what cannot be sent, and {WorkerError} when the worker has ended */
  call(name: string, args: readonly unknown[], options: CallOptions = {}): Promise<unknown> {
    if (this.#end) return Promise.reject(this.#end);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
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
        for (const [argument, value] of Object.entries(options.move ?? {}))
          for (const buffer of buffersIn(value)) assertHere(argument, buffer);
        this.#send({ id, call: name, args }, buffersIn(options.move), name);
      } catch (error) {
        const expected = "what a worker can be sent (functions live in a module: rt.module())";
        this.#settle(id)?.reject(error instanceof ArgumentError ? error : new ArgumentError(name, expected, textOf(error)));
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
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(error);
    this.#terminated = this.#worker.terminate();
  }

  /** Resolves when the worker has ended. */
  async ended(): Promise<void> {
    await this.#terminated;
  }

  #send(message: Request, move: ArrayBuffer[] = [], name = "message"): void {
    postMoving((whole, transfer) => this.#worker.postMessage(whole, transfer), name, message, move);
  }

  /** A message was lost on its way, and nobody knows which: who waits for it would wait for ever, here or in the worker. */
  #lose(): void {
    this.end(new WorkerError("worker: expected messages that can be read, got one that cannot, as of something nested too deep"));
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
    else if ("unread" in reply) this.#lose();
    else if (reply.id !== 0) this.#take(reply, this.#pending.get(reply.id));
  }

  #take(reply: Exclude<Reply, { welcome: number } | { unread: true }>, pending: Pending | undefined): void {
    if (!pending) return;
    if ("ask" in reply) void this.#answer(reply, pending);
    else if ("value" in reply) this.#settle(reply.id)?.resolve(reply.value);
    else if ("aborted" in reply) this.#settle(reply.id)?.reject(pending.signal?.reason);
    else if ("thrown" in reply) this.#settle(reply.id)?.reject(pending.thrown.get(reply.thrown));
    else {
      const error = unpackError(reply.error); // before the call is taken off the list: whatever comes, it ends
      this.#settle(reply.id)?.reject(error);
    }
  }

  #greet(version: unknown): void {
    this.#isUp = true;
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

/** @internal What a message says of a cause. */
export function textOf(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : show(cause);
}

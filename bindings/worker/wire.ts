/** What goes between a page and its worker: messages, and errors taken apart and put together again as the same classes. */
import * as ours from "./known-errors.js";

/** Both sides speak the same, or the worker's file is of another version. */
export const PROTOCOL = 1;

/** From the caller to the worker. */
export type Request =
  | { readonly hello: number }
  /** Of id 0 no answer is awaited. */
  | { readonly id: number; readonly call: string; readonly args: readonly unknown[] }
  | { readonly id: number; readonly cancel: true }
  /** What a callback is given beside the news: `training.stop()`. */
  | { readonly id: number; readonly stop: true }
  | { readonly id: number; readonly answer: number; readonly failed: boolean; readonly value?: unknown };

/** From the worker to the caller. */
export type Reply =
  | { readonly welcome: number }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: PackedError }
  /** It ended by the signal: the caller knows the reason. */
  | { readonly id: number; readonly aborted: true }
  /** It ended by what the caller threw when it was asked. */
  | { readonly id: number; readonly thrown: number }
  | { readonly id: number; readonly ask: number; readonly name: string; readonly value: unknown };

/** An error as it is sent. */
export interface PackedError {
  /** The nearest class that both sides know; undefined: what was thrown is no error. */
  readonly type?: string;
  readonly name?: string;
  readonly message?: string;
  readonly stack?: string | undefined;
  /** Its other members; of what is no error, itself. */
  readonly rest?: unknown;
  readonly cause?: PackedError;
}

type AnyError = new (...args: string[]) => Error;

const host: Record<string, unknown> = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
for (const name of ["RuntimeError", "CompileError", "LinkError"] as const) host[name] = globalThis.WebAssembly?.[name];
host.DOMException = globalThis.DOMException;

const classes = new Map(Object.entries({ ...host, ...ours }).filter(([, type]) => typeof type === "function") as [string, AnyError][]);
const names = new Map([...classes].map(([name, type]) => [type.prototype as object, name]));

/** Causes of causes that are sent. */
const DEEPEST = 8;

/** An error, or whatever was thrown, as a worker can send it. Never fails. */
export function packError(error: unknown, depth = 0): PackedError {
  try {
    const type = typeOf(error);
    if (type === undefined) return { rest: cloneOf(error, String) };
    const { name, message, stack, cause, ...rest } = { ...(error as Error) };
    const { name: itsName, message: itsMessage, stack: itsStack, cause: itsCause } = error as Error;
    const packed = { type, name: String(itsName), message: String(itsMessage), stack: itsStack, rest: cloneOf(rest, () => ({})) };
    return itsCause === undefined || depth === DEEPEST ? packed : { ...packed, cause: packError(itsCause, depth + 1) };
  } catch {
    return { type: "Error", name: "Error", message: "an error that cannot be read" };
  }
}

/** The error again: an instance of the class that it was, with its members and the worker's stack. */
export function unpackError(packed: PackedError): unknown {
  if (packed.type === undefined) return packed.rest;
  const Type = classes.get(packed.type);
  const error = new (Type ?? Error)("", "", ""); // whatever the constructor takes, it is overwritten
  Object.assign(error, packed.rest);
  for (const key of ["name", "message", "stack"] as const) {
    if (error[key] !== packed[key]) Object.defineProperty(error, key, { value: packed[key], configurable: true, writable: true });
  }
  if (packed.cause) Object.defineProperty(error, "cause", { value: unpackError(packed.cause), configurable: true, writable: true });
  return error;
}

function typeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  for (let at = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
    const name = names.get(at);
    if (name !== undefined) return name;
  }
  return undefined;
}

function cloneOf(value: unknown, otherwise: (value: unknown) => unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return otherwise(value);
  }
}

/** Deep enough for any answer. */
const MOST_FLOORS = 8;

/** The buffers in which the arrays of a value lie, each once: what is handed over with it. Shared memory is left out. */
export function buffersIn(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  (function visit(at: unknown, depth: number) {
    if (typeof at !== "object" || at === null || depth > MOST_FLOORS) return;
    const buffer = ArrayBuffer.isView(at) ? at.buffer : at;
    if (buffer instanceof ArrayBuffer) found.add(buffer);
    else if (!ArrayBuffer.isView(at)) for (const inner of Object.values(at)) if (typeof inner === "object") visit(inner, depth + 1);
  })(value, 0);
  return [...found];
}

/** Posts a message with its buffers; those that cannot be moved, as a view of a WebAssembly memory, are copied. */
export function postMoving(post: (message: unknown, transfer: ArrayBuffer[]) => void, message: unknown, transfer: ArrayBuffer[]): void {
  try {
    post(message, transfer);
  } catch (cause) {
    if (transfer.length === 0) throw cause;
    post(message, []); // a message that is refused has moved nothing
  }
}

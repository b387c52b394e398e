/** Errors taken apart to be sent, and put together again as the same classes. */
import { WorkerError } from "../errors.js";
import * as ours from "./known-errors.js";

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

/** Causes of causes that are sent, and taken. */
const DEEPEST = 8;

/** An error, or whatever was thrown, as a worker can send it. Never fails. */
export function packError(error: unknown, depth = 0): PackedError {
  try {
    const type = typeOf(error);
    if (type === undefined) return { rest: cloneOf(error, String) };
    const { name, message, stack, cause, ...rest } = { ...(error as Error) };
    const { name: itsName, message: itsMessage, stack: itsStack, cause: itsCause } = error as Error;
    const packed = {
      ...{ type, name: String(itsName), message: String(itsMessage), rest: cloneOf(rest, () => ({})) },
      stack: typeof itsStack === "string" ? itsStack : undefined, // an app may make anything of it
    };
    return itsCause === undefined || depth === DEEPEST ? packed : { ...packed, cause: packError(itsCause, depth + 1) };
  } catch {
    return { type: "Error", name: "Error", message: "an error that cannot be read" };
  }
}

/**
 * The error again: an instance of the class that it was, with its members and the worker's stack. Never fails: of what is none of ours, a
 * `WorkerError` with what it says.
 */
export function unpackError(packed: PackedError, depth = 0): unknown {
  try {
    if (packed.type === undefined) return packed.rest;
    const error = new (classes.get(packed.type) ?? Error)("", "", ""); // whatever the constructor takes, it is overwritten
    const set = (key: string, value: unknown, enumerable: boolean) =>
      Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true }); // also over a member that is only read
    for (const [key, value] of Object.entries(packed.rest ?? {})) set(key, value, true);
    for (const key of ["name", "message", "stack"] as const) if (error[key] !== packed[key]) set(key, packed[key], false);
    if (packed.cause && depth < DEEPEST) set("cause", unpackError(packed.cause, depth + 1), false);
    return error;
  } catch (cause) {
    return new WorkerError(`worker: expected an error that can be read, got one that cannot (${textOf(packed)})`, { cause });
  }
}

function textOf(packed: unknown): string {
  try {
    return String((packed as PackedError).message);
  } catch {
    return "none";
  }
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

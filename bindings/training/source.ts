/** Where samples come from, one after another: nothing that an iterator gives is believed, and a signal ends the waiting for it. */
import { show, typedKind } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { AbortSignalLike } from "../signal.js";

/** What all typed arrays are heirs of. */
const TypedArray = Object.getPrototypeOf(Int8Array) as new () => object;

/** @internal @throws {ArgumentError} unless it can be gone through, and nobody else does so; numbers are no samples */
export function checkIterable(argument: string, expected: string, samples: unknown): void {
  const isIterable = typeof samples === "object" && samples !== null && (Symbol.iterator in samples || Symbol.asyncIterator in samples);
  const isNumbers = typedKind(samples) !== undefined || samples instanceof TypedArray;
  if (!isIterable || isNumbers) throw new ArgumentError(argument, expected, show(samples));
  if ((samples as { locked?: unknown }).locked === true)
    throw new ArgumentError(argument, "a stream that nobody else reads", "one that is locked");
}

interface Steps {
  next(): unknown;
  return?(): unknown;
}

/**
 * @internal The samples of a source. Who waits for one when the signal comes gets its reason, though the sample may never come.
 * @throws {ArgumentError} when it breaks the protocol of iterators
 */
export function samplesOf<V>(argument: string, source: object, signal: AbortSignalLike | undefined): AsyncIterable<V> {
  return {
    [Symbol.asyncIterator]() {
      const { steps, isAsync } = begin(argument, source);
      const end = async () => {
        await steps.return?.();
        return { done: true as const, value: undefined };
      };
      const next = async (): Promise<IteratorResult<V, undefined>> => {
        const result = await steps.next();
        if (typeof result !== "object" || result === null)
          throw new ArgumentError(argument, "an iterator that gives { value, done }", `one that gives ${show(result)}`);
        const { done, value } = result as { done?: unknown; value: V | Promise<V> };
        return done ? { done: true, value: undefined } : { done: false, value: await value };
      };
      return { next: signal && isAsync ? () => unlessAborted(signal, next, end) : next, return: end };
    },
  };
}

function begin(argument: string, source: object): { steps: Steps; isAsync: boolean } {
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = source as Record<symbol, unknown>;
  const method = later ?? now;
  const steps: unknown = typeof method === "function" ? method.call(source) : undefined;
  if (typeof (steps as Partial<Steps> | null | undefined)?.next !== "function")
    throw new ArgumentError(argument, "one that gives an iterator", show(steps ?? method));
  return { steps: steps as Steps, isAsync: method === later };
}

/** The listener goes with each sample: a signal outlives many. */
function unlessAborted<V>(signal: AbortSignalLike, next: () => Promise<V>, end: () => Promise<unknown>): Promise<V> {
  return new Promise<V>((resolve, reject) => {
    const interrupt = () => {
      end().catch(() => {}); // it comes behind what is waited for: nobody waits for it
      reject(signal.reason);
    };
    if (signal.aborted) return interrupt();
    signal.addEventListener("abort", interrupt, { once: true });
    next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", interrupt));
  });
}

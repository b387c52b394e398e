/** A training under way in a worker: a promise of its history, and its progress to go through meanwhile. */
import type { History, Progress } from "../training/fit-options.js";
import type { Metric } from "../training/metrics.js";

/**
 * What `fit` of `wasm-rnn/worker` returns: to be awaited for its history, and gone through for its progress, of which whoever is slow sees
 * the newest. To leave the loop stops the listening, not the training: a signal ends that.
 */
export interface Run<Choice extends Metric = never> extends Promise<History<Choice>>, AsyncIterable<Progress> {}

/** @internal What comes, of which each reader gets the newest. */
export class Newest<V> {
  readonly #readers = new Set<{ value: V | undefined; wake: () => void }>();
  #last: V | undefined;

  put(value: V): void {
    this.#last = value;
    for (const reader of this.#readers) {
      reader.value = value;
      reader.wake();
    }
  }

  /** What comes until the promise is settled; then its error, if it has one. */
  async *until(end: Promise<unknown>): AsyncGenerator<V, void, undefined> {
    const reader = { value: this.#last, wake: () => {} };
    let over: { failed: boolean; error?: unknown } | undefined;
    const close = (how: typeof over) => {
      over = how;
      reader.wake();
    };
    end.then(
      () => close({ failed: false }),
      (error) => close({ failed: true, error }),
    );
    this.#readers.add(reader);
    try {
      for (;;) {
        const { value } = reader;
        reader.value = undefined;
        if (value !== undefined) yield value;
        else if (over?.failed) throw over.error;
        else if (over) return;
        else await new Promise<void>((resolve) => (reader.wake = resolve));
      }
    } finally {
      this.#readers.delete(reader);
    }
  }
}

/** Keeps the newest of what a training gives in IndexedDB, not more often than a disk likes. */
import { forget, keep } from "./store";

/** Milliseconds from one write to the next. */
const APART = 10_000;

export class Keeper<Value> {
  readonly #key: string;
  #waiting: Value | undefined;
  #last = Number.NEGATIVE_INFINITY;

  /** For as long as the page lives: what waits is written when the page is hidden, for it may never come back. */
  constructor(key: string) {
    this.#key = key;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) void this.flush();
    });
  }

  /** @param now at once, not when it is due @returns whether it is kept as far as can be told */
  async keep(value: Value, now: boolean): Promise<boolean> {
    this.#waiting = value;
    return now || performance.now() - this.#last > APART ? this.flush() : true;
  }

  forget(): Promise<void> {
    this.#waiting = undefined;
    return forget(this.#key);
  }

  /** Writes what waits, as when the tab is left. */
  async flush(): Promise<boolean> {
    if (this.#waiting === undefined) return true;
    const value = this.#waiting;
    this.#waiting = undefined;
    this.#last = performance.now();
    return keep(this.#key, value);
  }
}

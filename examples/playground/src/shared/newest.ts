/** Asks again and again for what is newest: one question at a time, and none for what has changed meanwhile. */
export class Newest {
  readonly #ask: (isNewest: () => boolean) => Promise<void>;
  #wanted = false;
  #busy = false;

  /** @param ask fails where the answer does; `isNewest` says after a wait whether another has been wanted meanwhile */
  constructor(ask: (isNewest: () => boolean) => Promise<void>) {
    this.#ask = ask;
  }

  async want(): Promise<void> {
    this.#wanted = true;
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#wanted) {
        this.#wanted = false;
        await this.#ask(() => !this.#wanted);
      }
    } finally {
      this.#busy = false;
    }
  }
}

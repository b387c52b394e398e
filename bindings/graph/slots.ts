/** The memory of one pass, by name. */

/** @internal Where a pass takes its memory. */
export interface Source {
  take(bytes: number): number;
}

/** @internal A pass takes what it needs by name, and finds it again. */
export class Slots {
  readonly #source: Source;
  readonly #taken = new Map<string, { readonly ptr: number; readonly bytes: number }>();

  constructor(source: Source) {
    this.#source = source;
  }

  /** The piece of this name; taken, where there is none of that size yet. Contents of a new one are unknown. @throws {MemoryError} */
  get(name: string, bytes: number): number {
    const old = this.#taken.get(name);
    if (old && old.bytes >= bytes) return old.ptr;
    const ptr = this.#source.take(bytes);
    this.#taken.set(name, { ptr, bytes });
    return ptr;
  }

  /** Forgets all: the source has taken it back. */
  clear(): void {
    this.#taken.clear();
  }
}

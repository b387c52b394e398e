/** Named blocks of linear memory that belong together: taken when first asked for, grown when too small, freed at once. */
import type { LinearMemory } from "./memory.js";
import type { Blocks, Guard } from "./orphans.js";

export class Buffers {
  readonly #memory: LinearMemory;
  readonly #blocks = new Map<string, { ptr: number; bytes: number }>();
  /** While there are blocks. */
  #guard: Guard | undefined;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
  }

  /** What it holds now. */
  get blocks(): Blocks {
    return this.#blocks;
  }

  /** A block of at least `bytes`. Its contents survive only while it is large enough. @throws {MemoryError} */
  get(name: string, bytes: number): number {
    const old = this.#blocks.get(name);
    if (old && old.bytes >= bytes) return old.ptr;
    if (old) {
      this.#blocks.delete(name);
      this.#memory.free(old.ptr);
    }
    const ptr = this.#memory.allocate(bytes);
    this.#guard ??= this.#memory.orphans.watch(this.#blocks);
    this.#blocks.set(name, { ptr, bytes });
    return ptr;
  }

  /** Runs work; where it throws, the blocks are as many and as large as before, but for their contents. */
  attempt<R>(work: () => R): R {
    const before = new Map([...this.#blocks].map(([name, { bytes }]) => [name, bytes]));
    try {
      return work();
    } catch (error) {
      for (const [name, { ptr, bytes }] of this.#blocks) {
        if (before.get(name) === bytes) continue;
        this.#memory.free(ptr);
        this.#blocks.delete(name);
      }
      for (const [name, bytes] of before) this.get(name, bytes);
      throw error;
    }
  }

  dispose(): void {
    for (const { ptr } of this.#blocks.values()) this.#memory.free(ptr);
    this.#blocks.clear();
    if (this.#guard) this.#memory.orphans.release(this.#guard);
    this.#guard = undefined;
  }
}

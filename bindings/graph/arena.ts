/**
 * The one lifetime of results: memory that is taken piece by piece and given back all at once. Whoever runs again rewinds, and takes the same
 * memory: after the first runs nothing is allocated, whatever the shapes up to the largest.
 */
import { MemoryError } from "../errors.js";
import { Lease } from "../lease.js";
import type { LinearMemory } from "../memory.js";
import type { Guard } from "../orphans.js";

const ALIGN = 64;
/** Bytes of the first block, where less is asked for. */
const LEAST = 4096;
/** A byte of NaN, in f32 and f64, and of −1. */
const POISON = 0xff;

/** @internal Of a frame, or of a layer or loss that runs outside of one. */
export class Arena {
  /** Of the results in it: they are stale once it is rewound. */
  readonly lease: Lease;
  /** What it holds, by number. */
  readonly blocks = new Map<string, { readonly ptr: number; readonly bytes: number }>();
  readonly #memory: LinearMemory;
  /** Pieces that were given back before the end, by their size. */
  readonly #spare = new Map<number, number[]>();
  #guard: Guard | undefined;
  /** The block in use, by its number: where the next piece begins in it, and where it ends. */
  #block = -1;
  #at = 0;
  #end = 0;
  /** Bytes of all blocks. */
  #held = 0;

  /** @param until what makes its results stale, for the message @param owner whose results they are: lives as long as they do */
  constructor(memory: LinearMemory, until: string, owner: object) {
    this.#memory = memory;
    this.lease = new Lease(until, owner);
  }

  /** A piece of memory, contents unknown. @throws {MemoryError} */
  take(bytes: number): number {
    const size = sizeOf(bytes);
    const ptr = this.#spare.get(size)?.pop() ?? this.#bump(size);
    if (this.#memory.poisons) this.#memory.bytes.fill(POISON, ptr, ptr + size);
    return ptr;
  }

  /** Gives a piece back, for the next of its size. @param bytes as many as were asked for */
  give(ptr: number, bytes: number): void {
    const size = sizeOf(bytes);
    const spare = this.#spare.get(size);
    if (spare) spare.push(ptr);
    else this.#spare.set(size, [ptr]);
  }

  /** Where it stands. @returns gives back what is taken from now on, and the blocks that came for it */
  mark(): () => void {
    const [block, at, end, held, blocks] = [this.#block, this.#at, this.#end, this.#held, this.blocks.size];
    const spare = [...this.#spare].map(([size, pieces]): [number, number[]] => [size, [...pieces]]);
    return () => {
      for (const [name, { ptr }] of [...this.blocks].slice(blocks)) {
        this.#memory.free(ptr);
        this.blocks.delete(name);
      }
      this.#spare.clear();
      for (const [size, pieces] of spare) this.#spare.set(size, pieces);
      [this.#block, this.#at, this.#end, this.#held] = [block, at, end, held];
    };
  }

  /** Gives all pieces back: they are taken from the same blocks again, in their order. */
  rewind(): void {
    this.lease.renew();
    this.#spare.clear();
    [this.#block, this.#at, this.#end] = [-1, 0, 0];
    if (!this.#memory.poisons) return;
    for (const { ptr, bytes } of this.blocks.values()) this.#memory.bytes.fill(POISON, ptr, ptr + bytes);
  }

  /** Frees its blocks; results are stale. It can be used again. */
  release(): void {
    this.lease.renew();
    for (const { ptr } of this.blocks.values()) this.#memory.free(ptr);
    this.blocks.clear();
    this.#spare.clear();
    [this.#block, this.#at, this.#end, this.#held] = [-1, 0, 0, 0];
    if (this.#guard) this.#memory.orphans.release(this.#guard);
    this.#guard = undefined;
  }

  /** Frees all, for good. */
  dispose(): void {
    this.release();
    this.lease.ended = true;
  }

  #bump(size: number): number {
    while (this.#at + size > this.#end) this.#next(size);
    const ptr = this.#at;
    this.#at += size;
    return ptr;
  }

  /** The next block; behind the last one more, a sixteenth as large as all before it, where that can be had. */
  #next(size: number): void {
    if (this.#block + 1 === this.blocks.size) {
      const wish = Math.max(size, sizeOf(this.#held / 16), LEAST);
      try {
        this.#add(wish);
      } catch (error) {
        if (!(error instanceof MemoryError) || wish === size) throw error;
        this.#add(size);
      }
    }
    const { ptr, bytes } = this.blocks.get(`${++this.#block}`) as { ptr: number; bytes: number };
    this.#at = ptr;
    this.#end = ptr + bytes;
  }

  #add(bytes: number): void {
    const ptr = this.#memory.allocate(bytes);
    this.#guard ??= this.#memory.orphans.watch(this.blocks);
    this.blocks.set(`${this.blocks.size}`, { ptr, bytes });
    this.#held += bytes;
  }
}

function sizeOf(bytes: number): number {
  return Math.ceil(Math.max(bytes, 1) / ALIGN) * ALIGN;
}

/**
 * The allocator over linear memory. Blocks are 64-byte aligned and zeroed; free blocks are kept sorted by address and
 * merged with their neighbours; the smallest that fits is taken. Sizes are JavaScript numbers and are checked against
 * the maximum before they become addresses.
 */
import { DisposedError, MemoryError } from "./errors.js";
import { checkWebAssembly } from "./host.js";
import { Orphans } from "./orphans.js";

const ALIGN = 64;
const PAGE = 65536;
/** What 32-bit addresses reach, less one page: the end of a block is an address too. */
const MOST_PAGES = 65535;

interface Block {
  ptr: number;
  size: number;
}

/** A WebAssembly.Memory, as far as it is used; its own name is known only to the types of browsers. */
export interface RawMemory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

export class LinearMemory {
  /** None any more after the end. */
  memory: RawMemory;
  /** What is collected without `dispose()`. */
  readonly orphans = new Orphans((ptr) => this.free(ptr));
  /** Whether memory that results have left is filled with NaN, so that nobody reads there unseen: in the debug build, and in tests. */
  poisons = false;
  readonly #maximum: number;
  readonly #used = new Map<number, number>();
  #free: Block[] = [];
  #end = 0;
  /** Nobody has had what lies from here on: it is zero as the host gave it. */
  #untouched = 0;
  #bytesInUse = 0;
  #bytes: Uint8Array<ArrayBuffer> | null = null;
  #ended = false;

  /** @param maximum bytes, at most 4 GiB; rounded down to whole pages of 64 KiB */
  constructor(maximum = MOST_PAGES * PAGE) {
    const pages = Math.min(MOST_PAGES, Math.floor(maximum / PAGE));
    if (pages < 1) throw new MemoryError(`maximumMemory: expected at least ${PAGE} bytes, got ${maximum}`);
    this.#maximum = pages * PAGE;
    checkWebAssembly();
    try {
      this.memory = new WebAssembly.Memory({ initial: 1, maximum: pages });
    } catch (cause) {
      throw new MemoryError(`maximumMemory: expected what this host grants, got ${maximum} bytes`, { cause });
    }
  }

  /** Tells where the binary's own data ends; nothing can be allocated before. */
  start(heapBase: number): void {
    const ptr = roundUp(heapBase);
    this.#untouched = ptr;
    this.#end = this.memory.buffer.byteLength;
    this.#free = [{ ptr, size: this.#end - ptr }];
  }

  /** Bytes that are allocated now (rounded up to 64 a block). */
  get bytesInUse(): number {
    return this.#bytesInUse;
  }

  /** Bytes of the memory as it stands; it grows and never shrinks. */
  get byteLength(): number {
    return this.memory.buffer.byteLength;
  }

  /** All of memory, until it grows. */
  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#bytes?.buffer !== this.memory.buffer) this.#bytes = new Uint8Array(this.memory.buffer as ArrayBuffer);
    return this.#bytes as Uint8Array<ArrayBuffer>;
  }

  /** Copies a block inside memory. */
  copy(to: number, from: number, bytes: number): void {
    this.bytes.copyWithin(to, from, from + bytes);
  }

  /** A zeroed block. @throws {MemoryError} when the maximum or the host forbids it; nothing has changed then */
  allocate(bytes: number): number {
    if (this.#ended) throw new DisposedError("runtime");
    const size = roundUp(Math.max(bytes, 1));
    const ptr = this.#take(size) ?? this.#grow(size);
    this.#used.set(ptr, size);
    this.#bytesInUse += size;
    if (ptr < this.#untouched) this.bytes.fill(0, ptr, Math.min(ptr + size, this.#untouched)); // pages that nobody writes to cost nothing
    this.#untouched = Math.max(this.#untouched, ptr + size);
    return ptr;
  }

  /** Gives a block back. Nothing is left to give back after the end. */
  free(ptr: number): void {
    if (this.#ended) return;
    const size = this.#used.get(ptr);
    if (size === undefined) throw new MemoryError(`free: expected the address of a block in use, got ${ptr}`);
    this.#used.delete(ptr);
    this.#bytesInUse -= size;
    this.#release({ ptr, size });
  }

  /** Gives everything back, for good, the WebAssembly.Memory too, whoever still holds this. */
  end(): void {
    this.#ended = true;
    this.#used.clear();
    this.#free = [];
    this.#bytesInUse = 0;
    this.#bytes = null;
    this.orphans.end();
    this.memory.grow(0); // by nothing, and yet all views of it lose their buffer: who kept one cannot write any more
    this.memory = { buffer: new ArrayBuffer(0), grow: () => 0 };
  }

  #take(size: number): number | undefined {
    let best = -1;
    for (let i = 0; i < this.#free.length; i++) {
      const block = this.#free[i] as Block;
      if (block.size >= size && (best < 0 || block.size < (this.#free[best] as Block).size)) best = i;
    }
    if (best < 0) return undefined;
    const block = this.#free[best] as Block;
    const ptr = block.ptr;
    if (block.size === size) {
      this.#free.splice(best, 1);
    } else {
      block.ptr += size;
      block.size -= size;
    }
    return ptr;
  }

  /** Grows by what is missing or by a half, whichever is more, within the maximum. */
  #grow(size: number): number {
    const last = this.#free.at(-1);
    const tail = last && last.ptr + last.size === this.#end ? last.size : 0;
    const missing = Math.ceil((size - tail) / PAGE) * PAGE;
    if (this.#end + missing > this.#maximum) {
      throw new MemoryError(
        `memory: expected at most ${this.#maximum} bytes (maximumMemory), got a need for ${this.#end + missing} (${size} more, ${this.#bytesInUse} in use)`,
      );
    }
    const wish = Math.min(Math.max(missing, Math.ceil(this.#end / 2 / PAGE) * PAGE), this.#maximum - this.#end);
    if (!this.#growBy(wish) && !this.#growBy(missing)) {
      throw new MemoryError(`memory: expected the host to grant ${missing} more bytes, got a refusal at ${this.#end}`);
    }
    const end = this.memory.buffer.byteLength;
    this.#release({ ptr: this.#end, size: end - this.#end });
    this.#end = end;
    return this.#take(size) as number;
  }

  #growBy(bytes: number): boolean {
    try {
      this.memory.grow(bytes / PAGE);
      return true;
    } catch {
      return false;
    }
  }

  #release(block: Block): void {
    let at = this.#free.findIndex((other) => other.ptr > block.ptr);
    if (at < 0) at = this.#free.length;
    this.#free.splice(at, 0, block);
    this.#merge(at);
    if (at > 0) this.#merge(at - 1);
  }

  /** Joins a free block with the next where they touch. */
  #merge(at: number): void {
    const block = this.#free[at] as Block;
    const next = this.#free[at + 1];
    if (next && block.ptr + block.size === next.ptr) {
      block.size += next.size;
      this.#free.splice(at + 1, 1);
    }
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / ALIGN) * ALIGN;
}

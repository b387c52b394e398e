/// <reference lib="esnext.disposable" preserve="true" />
/** The end of what holds memory: one place for `dispose`, for `using`, and for the error of whoever comes later. */
import { DisposedError } from "./errors.js";
import type { Blocks, Guard, Orphans } from "./orphans.js";

/** Symbol.dispose, also where the host has none yet: the key under which compiled `using` looks for it. */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for("Symbol.dispose") as typeof Symbol.dispose);

/** Something that holds memory, or lives in something that does. */
export abstract class Owner {
  readonly #what: string;
  readonly #upper: { readonly disposed: boolean } | null;
  #disposed = false;
  #orphans: Orphans | undefined;
  #guard: Guard | undefined;

  /** @internal @param what for the error @param upper what it lives in: with that it ends */
  constructor(what: string, upper: { readonly disposed: boolean } | null) {
    this.#what = what;
    this.#upper = upper;
  }

  /** Whether it has been disposed of, or what it lives in has. */
  get disposed(): boolean {
    return this.#disposed || (this.#upper?.disposed ?? false);
  }

  /** @internal @throws {DisposedError} */
  assertAlive(): void {
    if (this.disposed) throw new DisposedError(this.#what);
  }

  /** Frees what it holds. Harmless the second time. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#unwatch();
    this.release();
  }

  /** `dispose()`, for `using`. */
  [DISPOSE](): void {
    this.dispose();
  }

  /** @internal Counts it, should it be collected without `dispose()`. @param estate a block that is given back then, or what it holds */
  protected watch(orphans: Orphans, estate: number | readonly Blocks[]): void {
    this.#orphans = orphans;
    this.#guard = orphans.watch(estate);
  }

  #unwatch(): void {
    if (this.#guard) this.#orphans?.release(this.#guard);
    this.#guard = undefined;
  }

  /** @internal The child is counted no more, being a part of this. @returns what it holds */
  protected adopt(child: Owner): readonly Blocks[] {
    const left = child.#guard?.estate.left;
    child.#unwatch();
    return Array.isArray(left) ? left : [];
  }

  /** @internal Gives back what it holds; called once. */
  protected abstract release(): void;
}

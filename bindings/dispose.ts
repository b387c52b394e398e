/// <reference lib="esnext.disposable" preserve="true" />
/** The end of what holds memory: one place for `dispose`, for `using`, and for the error of whoever comes later. */
import { DisposedError } from "./errors.js";

/** Symbol.dispose, also where the host has none yet: the key under which compiled `using` looks for it. */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for("Symbol.dispose") as typeof Symbol.dispose);

/** Something that holds memory, or lives in something that does. */
export abstract class Owner {
  readonly #what: string;
  readonly #upper: { readonly disposed: boolean } | null;
  #disposed = false;

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
    this.release();
  }

  /** `dispose()`, for `using`. */
  [DISPOSE](): void {
    this.dispose();
  }

  /** @internal Gives back what it holds; called once. */
  protected abstract release(): void;
}

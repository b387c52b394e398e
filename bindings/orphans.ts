/** What nobody disposed of and nobody can reach any more: the host's garbage collector tells, its memory is given back, and it is counted. */

/** Blocks by name: those of a `Buffers`. */
export type Blocks = ReadonlyMap<string, { readonly ptr: number }>;

/** A tensor's block; blocks to be given back; or the blocks of all that an object owned, to say whether it counts. */
type Left = number | Blocks | readonly Blocks[];

interface Estate {
  left: Left | undefined;
}

/** Keeps a view in a field, where a step of a stream finds it fastest. */
export interface Viewer {
  /** Keeps it no longer. */
  dropView(): void;
}

/** What an owner alone holds: when it is collected, so is the owner. It speaks of the next one's estate once an owner gave it back. */
export interface Guard {
  readonly estate: Estate;
}

/**
 * The collector calls between tasks, never inside of one: what an object's own methods do with its memory is over by then. Where the host has
 * no FinalizationRegistry nothing is given back before `rt.dispose()`, as nothing is without a collection.
 */
export class Orphans {
  #count = 0;
  #registry: FinalizationRegistry<Estate> | undefined;
  /** Guards serve again: to register each owner, and take it out, made a small tensor take three times as long (600 to 1,700 ns, measured). */
  readonly #spare: Guard[] = [];
  /** Views by who uses them, and the reverse: either lives as long as the other does. No tensor has a field with one, so that all end here. */
  #views = new WeakMap<object, ArrayBufferView>();
  /** Who has a field with one: few, and for long. */
  readonly #viewers = new Set<WeakRef<Viewer>>();
  /** Before those that were collected are looked for. */
  #mostViewers = 64;
  #users = new WeakMap<ArrayBufferView, object>();

  constructor(free: (ptr: number) => void) {
    if (typeof FinalizationRegistry === "undefined") return;
    this.#registry = new FinalizationRegistry(({ left }) => {
      if (left === undefined) return;
      if (typeof left === "number") free(left);
      else if (!isList(left)) for (const { ptr } of left.values()) free(ptr);
      if (typeof left === "number" || (isList(left) && left.some(({ size }) => size > 0))) this.#count++;
    });
  }

  /** Objects that held memory when they were collected. */
  get count(): number {
    return this.#count;
  }

  /** A guard for an owner of this. */
  watch(left: Left): Guard {
    const spare = this.#spare.pop();
    const guard = spare ?? { estate: { left } };
    guard.estate.left = left;
    if (!spare) this.#registry?.register(guard, guard.estate);
    return guard;
  }

  /** The owner has nothing to leave any more, and gives its guard back. */
  release(guard: Guard): void {
    guard.estate.left = undefined;
    this.#spare.push(guard);
  }

  /** The view that was kept last. */
  view(user: object): ArrayBufferView | undefined {
    return this.#views.get(user);
  }

  /** Keeps a view for its user. A view alone would keep the memory of the runtime alive, and not what lies there: its owner it keeps here. */
  keep(user: object, view: ArrayBufferView, owner: object): void {
    this.#views.set(user, view);
    this.#users.set(view, owner);
  }

  /** The same for one who keeps it in a field. @param isFirst of its views */
  keepInField(viewer: Viewer, view: ArrayBufferView, owner: object, isFirst: boolean): void {
    this.#users.set(view, owner);
    if (!isFirst || typeof WeakRef === "undefined") return;
    this.#viewers.add(new WeakRef(viewer));
    if (this.#viewers.size <= this.#mostViewers) return;
    for (const each of this.#viewers) if (!each.deref()) this.#viewers.delete(each);
    this.#mostViewers = 64 + 2 * this.#viewers.size;
  }

  /** The user needs no view any more. */
  drop(user: object): void {
    this.#views.delete(user);
  }

  /** Nothing is left to give back, and nobody keeps a view: in V8 one holds all of a WebAssembly.Memory, even when it has lost its buffer. */
  end(): void {
    this.#registry = undefined;
    this.#spare.length = 0;
    for (const viewer of this.#viewers) viewer.deref()?.dropView();
    this.#viewers.clear();
    this.#views = new WeakMap();
    this.#users = new WeakMap();
  }
}

function isList(estate: Blocks | readonly Blocks[]): estate is readonly Blocks[] {
  return Array.isArray(estate);
}

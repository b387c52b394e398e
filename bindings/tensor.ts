/** {ptr, shape, dtype} over linear memory, and the leases that keep results from being used too late. */

import { checkData, checkIndex, lengthOf, show, sizeOf, typedKind } from "./checks.js";
import { Owner } from "./dispose.js";
import { ArgumentError, DisposedError, ShapeError, StaleError } from "./errors.js";
import { isTruly } from "./heir.js";
import type { Lease } from "./lease.js";
import type { LinearMemory } from "./memory.js";

/** Element types: 32- and 64-bit floats, and 32-bit integers for tokens and targets. */
export type DType = "f32" | "f64" | "i32";
/** What layers compute in. */
export type FloatType = "f32" | "f64";
/** How packed weights are stored: as they are, as the upper halves of f32, or as whole numbers of a byte with a scale for each output. */
export type WeightStorage = FloatType | "bf16" | "int8";
/** What a tensor holds, by its element type. */
export type TypedArray = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
/** What parameters and results hold. */
export type FloatArray = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

const constructors = { f32: Float32Array, f64: Float64Array, i32: Int32Array } as const;

export function bytesPer(dtype: DType): number {
  return dtype === "f64" ? 8 : 4;
}

/** Bytes of so many packed weights. */
export function storedBytes(storage: WeightStorage, elements: number): number {
  return elements * (storage === "int8" ? 1 : storage === "bf16" ? 2 : bytesPer(storage));
}

/** Rows of a panel that K places of each output take (assembly/int8_tiles.ts: those of int8 lie by fours, behind their scales). */
export function storedRows(storage: WeightStorage, K: number): number {
  return storage === "int8" ? (K + 11) & ~3 : K;
}

/** A typed array over memory, valid until memory grows. */
export function viewOf(memory: LinearMemory, dtype: DType, ptr: number, length: number): TypedArray {
  return new constructors[dtype](memory.memory.buffer as ArrayBuffer, ptr, length);
}

/** A copy outside linear memory. */
export function copyOf(dtype: DType, data: ArrayLike<number>): TypedArray {
  return constructors[dtype].from(data) as TypedArray;
}

/** Zeros outside linear memory. */
export function zerosOf(dtype: DType, length: number): TypedArray {
  return new constructors[dtype](length) as TypedArray;
}

/** What a tensor lives in: a runtime. */
export interface Home {
  readonly memory: LinearMemory;
  readonly disposed: boolean;
  /** A number that tells contents apart. */
  fingerprint(ptr: number, bytes: number): number;
  tensor(data: ArrayLike<number>, shape: readonly number[], options?: TensorOptions): Tensor;
}

/** Options of a tensor of one's own. */
export interface TensorOptions {
  /** Element type. */
  dtype?: DType;
  /** Whether axis 0 is the batch and axis 1 time (`true`), or the reverse (`false`). Default: what the layer that reads it says. */
  batchFirst?: boolean;
}

/**
 * An array in linear memory: row-major, of a fixed shape and element type.
 *
 * Made by `rt.tensor()` or `rt.zeros()` (yours, until `dispose()`), or the result of a layer: that one lives in the
 * layer's workspace and is valid until the call that replaces it; `clone()` and `toArray()` keep it.
 *
 * A backward pass goes over what its forward pass read and gave: where that was written since, by `set` or through `data`, it throws
 * `StaleError`. `toArray`, `copyTo` and `at` read without ever handing out anything writable.
 */
export class Tensor extends Owner {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  /**
   * The layout of a batch of sequences: `true` for [N, T, …], `false` for [T, N, …]; undefined where nobody has said. Layers hand it on
   * to their results; whatever goes over time asks it.
   */
  readonly batchFirst: boolean | undefined;
  readonly #home: Home;
  readonly #ptr: number;
  readonly #lease: Lease | null;
  readonly #generation: number;
  #writes = 0;
  #exposed: boolean;
  /** Of the contents when they were last looked at, once they are exposed. */
  #fingerprint = Number.NaN;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #ptr in value);
  }

  /** @internal Use `rt.tensor()` or `rt.zeros()`. */
  constructor(home: Home, ptr: number, shape: readonly number[], dtype: DType, lease: Lease | null = null, batchFirst?: boolean) {
    super("tensor", home);
    this.shape = shape;
    this.batchFirst = batchFirst;
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.#home = home;
    this.#ptr = ptr;
    this.#lease = lease;
    this.#generation = lease?.generation ?? 0;
    this.#exposed = lease?.exposed ?? false;
    if (!lease) this.watch(home.memory.orphans, ptr);
  }

  /** @internal The runtime it lives in. */
  get home(): Home {
    return this.#home;
  }

  /**
   * @internal Byte address, after checking that the tensor may be used.
   * @throws {DisposedError} @throws {StaleError}
   */
  pointer(name = "tensor"): number {
    if (this.disposed || this.#lease?.ended) throw new DisposedError(name);
    if (this.#lease && this.#lease.generation !== this.#generation) {
      throw new StaleError(
        `${name}: expected a current result, got one that ${this.#lease.until} has replaced (keep it with clone() or toArray())`,
      );
    }
    return this.#ptr;
  }

  /** @internal Whether it lies in the workspace of this lease. */
  livesIn(lease: Lease): boolean {
    return this.#lease === lease;
  }

  /** @internal Whether it is a parameter that is trained now: then its gradients add up where the parameter keeps them. */
  get isTrained(): boolean {
    return false;
  }

  /** @internal Where they add up. */
  gradientAddress(): number {
    throw new ArgumentError("tensor", "a parameter", "a tensor that is none");
  }

  /**
   * @internal Moves with every write. Behind a view that was handed out writes cannot be counted: there the contents are compared.
   * @throws {DisposedError} @throws {StaleError}
   */
  version(name?: string): number {
    const ptr = this.pointer(name);
    if (!this.#exposed) return this.#writes;
    const now = this.#home.fingerprint(ptr, this.size * bytesPer(this.dtype));
    if (now !== this.#fingerprint) this.#writes++;
    this.#fingerprint = now;
    return this.#writes;
  }

  /** @internal @throws {StaleError} when it was written since its version was this one */
  checkVersion(name: string, version: number): void {
    if (this.version(name) === version) return;
    throw new StaleError(`${name}: expected what the forward pass saw, got a tensor that was written since (write into a clone())`);
  }

  /** @internal Counts a write that went another way. */
  written(): void {
    this.#writes++;
  }

  /**
   * The elements, live: writing writes the tensor. Read the property anew after any call that may allocate; it costs
   * nothing while memory has not grown.
   * @throws {DisposedError} @throws {StaleError}
   */
  get data(): TypedArray {
    const ptr = this.pointer();
    if (!this.#exposed) {
      this.#fingerprint = this.#home.fingerprint(ptr, this.size * bytesPer(this.dtype));
      this.#exposed = true;
      if (this.#lease) this.#lease.exposed = true;
    }
    return this.#live(ptr);
  }

  /** Overwrites all elements. @throws {ShapeError} when the lengths differ @throws {ArgumentError} when they are no numbers */
  set(data: ArrayLike<number>): this {
    const checked = checkData("data", data, this.size, this.dtype === "i32");
    this.#live(this.pointer()).set(checked);
    this.#writes++;
    return this;
  }

  /** A copy of the elements that nothing will overwrite. @throws {DisposedError} @throws {StaleError} */
  toArray(): TypedArray {
    return this.#once(this.pointer()).slice() as TypedArray;
  }

  /** Copies the elements into an array from a place on: reads without garbage. @throws {ShapeError} when they do not fit */
  copyTo(target: TypedArray, offset = 0): void {
    if (!["Float32Array", "Float64Array", "Int32Array"].includes(typedKind(target) ?? ""))
      throw new ArgumentError("target", "a Float32Array, Float64Array or Int32Array", show(target));
    if (!Number.isInteger(offset) || offset < 0) throw new ArgumentError("offset", "an index", show(offset));
    const length = lengthOf(target) as number;
    if (length - offset < this.size) throw new ShapeError("target", `${this.size} elements from ${offset} on`, `${length}`);
    target.set(this.#live(this.pointer()), offset);
  }

  /** One element, by its place in row-major order. @throws {ArgumentError} when there is none */
  at(index: number): number {
    const view = this.#live(this.pointer());
    return view[checkIndex("index", index, this.size)] as number;
  }

  /** A tensor of your own with the same elements. @throws {MemoryError} */
  clone(): Tensor {
    const { dtype, batchFirst } = this;
    return this.#home.tensor(this.#once(this.pointer()), this.shape, batchFirst === undefined ? { dtype } : { dtype, batchFirst });
  }

  /** @internal A layer's result has nothing to free: then only this handle ends. */
  protected override release(): void {
    if (!this.#lease) this.#home.memory.free(this.#ptr);
    this.#home.memory.orphans.drop(this);
  }

  /** The view that is kept. */
  #live(ptr: number): TypedArray {
    const { memory } = this.#home;
    let view = memory.orphans.view(this);
    if (view?.buffer !== memory.memory.buffer) {
      view = viewOf(memory, this.dtype, ptr, this.size);
      memory.orphans.keep(this, view, this);
    }
    return view as TypedArray;
  }

  /** One for this once: cheaper than to keep one. */
  #once(ptr: number): TypedArray {
    return viewOf(this.#home.memory, this.dtype, ptr, this.size);
  }
}

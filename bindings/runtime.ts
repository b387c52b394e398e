/** A runtime: one build over one linear memory, and the tensors in it. */

import { BUILDS, type BuildName, type Precision } from "./builds.js";
import { checkBoolean, checkData, checkNumber, checkOneOf, checkOptions, checkShape, show, sizeOf, typedKind } from "./checks.js";
import { Owner } from "./dispose.js";
import { ArgumentError, DisposedError } from "./errors.js";
import type { Scope } from "./graph/node.js";
import { isTruly } from "./heir.js";
import {
  type CommonKernels,
  commonKernelsOf,
  hasKernels,
  type Int8,
  type Kernels,
  kernelsOf,
  type SequenceLayout,
  sequenceLayout,
} from "./kernels.js";
import { LinearMemory } from "./memory.js";
import { Generator } from "./random.js";
import type { RuntimeOptions, RuntimeSyncOptions } from "./runtime-options.js";
import {
  bytesPer,
  copyOf,
  type DType,
  type FloatType,
  type Home,
  Tensor,
  type TensorOptions,
  viewOf,
  type WeightStorage,
} from "./tensor.js";
import { type Instantiated, instantiateBuild, instantiateModule, instantiateSync, isModule, type RawExports } from "./wasm.js";

const DTYPES = ["f32", "f64", "i32"] as const;

const COMMON = ["dtype", "maximumMemory", "seed"] as const;

/**
 * Loads and compiles a build, and gives it a memory of its own.
 *
 * @example
 * const rt = await createRuntime();
 * const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 64 });
 * @throws {ArgumentError} on an option that it cannot take
 * @throws {FormatError} when the host cannot load or run the build, or the module is not of this version of the package
 * @throws {MemoryError} when the host does not grant the memory
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const { build, module, ...rest } = checkOptions(options, [...COMMON, "build", "module"]);
  if (build !== undefined) checkOneOf("build", build, BUILDS);
  const { memory, ...prepared } = prepare(rest);
  if (module === undefined) return finish(memory, await instantiateBuild(build, prepared.dtype, memory.memory), prepared);
  if (build !== undefined) throw new ArgumentError("build", "none beside a module, which is one", show(build));
  if (!isModule(module)) throw new ArgumentError("module", "a WebAssembly.Module", show(module));
  return finish(memory, await instantiateModule(module, memory.memory), prepared);
}

/**
 * The same at once, for places that can neither import nor fetch (an AudioWorklet) or where start-up may not wait.
 *
 * @param binary bytes of a binary (`await loadBinary()`, or a file of wasm-rnn/build), or a `WebAssembly.Module` of it
 * @example
 * const rt = createRuntimeSync(readFileSync(new URL(import.meta.resolve("wasm-rnn/build/baseline-f32.wasm"))));
 * @throws {ArgumentError} on an argument that it cannot take
 * @throws {FormatError} when the host cannot run the binary, or it is not of this version of the package
 * @throws {MemoryError} when the host does not grant the memory
 */
export function createRuntimeSync(binary: object, options: RuntimeSyncOptions = {}): Runtime {
  const { memory, ...prepared } = prepare(checkOptions(options, COMMON));
  return finish(memory, instantiateSync(isModule(binary) ? binary : bytesOf(binary), memory.memory), prepared);
}

/** A copy, as every host compiles it: V8 has refused a DataView, and others what is shared. */
function bytesOf(binary: unknown): Uint8Array<ArrayBuffer> {
  try {
    const view = ArrayBuffer.isView(binary) ? binary : new DataView(binary as ArrayBuffer); // of anything else it throws
    return Uint8Array.from(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  } catch {
    throw new ArgumentError("binary", "its bytes or a WebAssembly.Module", show(binary)); // or its bytes were moved away
  }
}

interface Prepared {
  readonly dtype: FloatType;
  readonly generator: Generator;
}

function prepare({ dtype = "f32", maximumMemory, seed = 0 }: RuntimeSyncOptions): Prepared & { readonly memory: LinearMemory } {
  checkOneOf("dtype", dtype, ["f32", "f64"]);
  if (maximumMemory !== undefined) checkNumber("maximumMemory", maximumMemory, 0);
  const generator = new Generator(seed);
  return { dtype, generator, memory: new LinearMemory(maximumMemory) };
}

function finish(memory: LinearMemory, { exports, build, heapBase }: Instantiated, { dtype, generator }: Prepared): Runtime {
  if (dtype === "f64" && !hasKernels(exports, dtype)) throw new ArgumentError("dtype", '"f32", all that the given binary has', show(dtype));
  memory.start(heapBase);
  return new Runtime(build, dtype, memory, exports, generator);
}

/** The binary's exports, bound as they are asked for. */
interface BoundKernels {
  readonly exports: RawExports;
  readonly common: CommonKernels;
  readonly of: Partial<Record<WeightStorage, Kernels>>;
}

/** Made by `createRuntime()`. */
export class Runtime extends Owner implements Home {
  /** The build that runs. */
  readonly build: BuildName;
  /** Default element type. */
  readonly dtype: FloatType;
  /** Source of initial weights, seeded by the option `seed`. */
  readonly generator: Generator;
  /** @internal */
  readonly memory: LinearMemory;
  /** @internal */
  readonly sequence: SequenceLayout;
  /** @internal The frame at work, if any. */
  scope: Scope | null = null;
  /** @internal What loadInt8 has brought. */
  int8?: Int8;
  #kernels: BoundKernels | null;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #kernels in value);
  }

  /** @internal Use `createRuntime()`. */
  constructor(build: BuildName, dtype: FloatType, memory: LinearMemory, exports: RawExports, generator: Generator) {
    super("runtime", null);
    this.build = build;
    this.dtype = dtype;
    this.memory = memory;
    memory.poisons = build === "debug";
    this.generator = generator;
    this.sequence = sequenceLayout(exports);
    this.#kernels = { exports, common: commonKernelsOf(exports), of: {} };
  }

  /** Bytes of linear memory in use: tensors, layers, optimizers, streams. 0 when all are disposed of. */
  get bytesInUse(): number {
    return this.memory.bytesInUse;
  }

  /**
   * Objects that were collected without `dispose()` though they held memory: tensors, layers, losses, optimizers, streams. Their memory has been
   * given back; until the collector came it was lost. 0 where the host has no FinalizationRegistry.
   */
  get leaked(): number {
    return this.memory.orphans.count;
  }

  /** Bytes of linear memory held; grows when needed and never shrinks; 0 after `dispose()`. */
  get memoryBytes(): number {
    return this.memory.byteLength;
  }

  /**
   * A tensor with a copy of the data, row-major.
   *
   * @param data numbers, flat, as many as the shape holds
   * @param shape for a sequence [T, N, I]: time, batch, features
   * @param options dtype: by default i32 for an Int32Array, else the runtime's; batchFirst: whether the shape is [N, T, …]
   * @throws {ShapeError} @throws {ArgumentError} @throws {MemoryError} @throws {DisposedError}
   */
  tensor(data: ArrayLike<number>, shape: readonly number[], options: TensorOptions = {}): Tensor {
    this.assertAlive();
    const { batchFirst, dtype = typedKind(data) === "Int32Array" ? "i32" : this.dtype } = checkOptions(options, ["dtype", "batchFirst"]);
    checkOneOf("dtype", dtype, DTYPES);
    const checked = checkShape("shape", shape);
    const values = checkData("data", data, sizeOf(checked), dtype === "i32");
    // A view of this memory would be detached if the allocation below made it grow.
    const isView = ArrayBuffer.isView(values) && values.buffer === this.memory.memory.buffer;
    const source = isView ? copyOf(dtype, values) : values;
    const tensor = this.zeros(checked, { batchFirst, dtype });
    this.view(dtype, tensor.pointer(), tensor.size).set(source);
    return tensor;
  }

  /** A tensor of zeros. @throws {ShapeError} @throws {MemoryError} @throws {DisposedError} */
  zeros(shape: readonly number[], options: TensorOptions = {}): Tensor {
    this.assertAlive();
    const { batchFirst, dtype = this.dtype } = checkOptions(options, ["dtype", "batchFirst"]);
    const checked = checkShape("shape", shape);
    if (batchFirst !== undefined) checkBoolean("batchFirst", batchFirst);
    checkOneOf("dtype", dtype, DTYPES);
    return new Tensor(this, this.memory.allocate(sizeOf(checked) * bytesPer(dtype)), checked, dtype, null, batchFirst);
  }

  /** @internal Everything that lives in it is gone with it; who holds it, or anything of it, holds no linear memory. */
  protected override release(): void {
    this.memory.end();
    this.#kernels = null;
  }

  /** @internal The kernels of an element type. */
  kernels(storage: WeightStorage): Kernels {
    const { exports, of } = this.#bound();
    of[storage] ??= kernelsOf(storage === "int8" ? { ...exports, ...this.int8?.exports } : exports, storage);
    return of[storage];
  }

  /** @internal The binary's own exports. */
  get exports(): RawExports {
    return this.#bound().exports;
  }

  /** @internal What its binary can do: "f64" does both. */
  get precision(): Precision {
    return hasKernels(this.exports, "f64") ? "f64" : "f32";
  }

  /** @internal The kernels that know no element type. */
  get common(): CommonKernels {
    return this.#bound().common;
  }

  /** @internal @throws {ArgumentError} on an element type that it has no kernels for */
  checkDType(dtype: FloatType): FloatType {
    checkOneOf("dtype", dtype, ["f32", "f64"]);
    if (hasKernels(this.#bound().exports, dtype)) return dtype;
    throw new ArgumentError("dtype", `"f32", as the runtime, or a runtime made by createRuntime({ dtype: "f64" })`, show(dtype));
  }

  #bound(): BoundKernels {
    if (!this.#kernels) throw new DisposedError("runtime");
    return this.#kernels;
  }

  /** @internal */
  fingerprint(ptr: number, bytes: number): number {
    return this.common.fingerprint({ ptr, bytes });
  }

  /** @internal */
  view(dtype: DType, ptr: number, length: number) {
    return viewOf(this.memory, dtype, ptr, length);
  }
}

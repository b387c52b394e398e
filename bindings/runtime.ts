/** A runtime: one build over one linear memory, and the tensors in it. */

import type { BuildName } from "./builds.js";
import { checkBoolean, checkData, checkNumber, checkOneOf, checkOptions, checkShape, sizeOf, typedKind } from "./checks.js";
import { Owner } from "./dispose.js";
import { DisposedError } from "./errors.js";
import { truly } from "./heir.js";
import { type CommonKernels, commonKernelsOf, type Kernels, kernelsOf, type SequenceLayout, sequenceLayout } from "./kernels.js";
import { LinearMemory } from "./memory.js";
import { Generator } from "./random.js";
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
import { instantiateBuild, pickBuild, type RawExports } from "./wasm.js";

const DTYPES = ["f32", "f64", "i32"] as const;

/** Options of createRuntime. */
export interface RuntimeOptions {
  /** Force a build. By default `relaxed` where the host has relaxed SIMD, else `baseline`. */
  build?: BuildName;
  /** Element type of tensors and layers that do not say their own. Default `"f32"`. */
  dtype?: FloatType;
  /** Bytes that the linear memory may grow to; default (and most) just under 4 GiB. */
  maximumMemory?: number;
  /** Seed of `rt.generator`, from which layers draw their initial weights. Default 0. */
  seed?: number;
}

/**
 * Compiles a build and gives it a memory of its own.
 *
 * @example
 * const rt = await createRuntime();
 * const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 64 });
 * @throws {ArgumentError} on an option that it cannot take
 * @throws {FormatError} when the host cannot run the build that was asked for
 * @throws {MemoryError} when the host does not grant the memory
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const given = checkOptions(options, ["build", "dtype", "maximumMemory", "seed"]);
  const { dtype = "f32", maximumMemory, seed = 0 } = given;
  checkOneOf("dtype", dtype, ["f32", "f64"]);
  if (maximumMemory !== undefined) checkNumber("maximumMemory", maximumMemory, 0);
  const generator = new Generator(seed);
  const build = await pickBuild(given.build);
  const memory = new LinearMemory(maximumMemory);
  const { exports, heapBase } = await instantiateBuild(build, memory.memory);
  memory.start(heapBase);
  return new Runtime(build, dtype, memory, exports, generator);
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
  #kernels: (Record<WeightStorage, Kernels> & { readonly common: CommonKernels }) | null;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override readonly [Symbol.hasInstance] = truly((value) => #kernels in value);

  /** @internal Use `createRuntime()`. */
  constructor(build: BuildName, dtype: FloatType, memory: LinearMemory, exports: RawExports, generator: Generator) {
    super("runtime", null);
    this.build = build;
    this.dtype = dtype;
    this.memory = memory;
    this.generator = generator;
    this.sequence = sequenceLayout(exports);
    const [f32, f64, bf16] = [kernelsOf(exports, "f32"), kernelsOf(exports, "f64"), kernelsOf(exports, "bf16")];
    this.#kernels = { f32, f64, bf16, common: commonKernelsOf(exports) };
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

  /** @internal */
  kernels(storage: WeightStorage): Kernels {
    if (!this.#kernels) throw new DisposedError("runtime");
    return this.#kernels[storage];
  }

  /** @internal The kernels that know no element type. */
  get common(): CommonKernels {
    if (!this.#kernels) throw new DisposedError("runtime");
    return this.#kernels.common;
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

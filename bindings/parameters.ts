/**
 * Parameters: canonical values in one flat block, gradients in another, and a version that moves with every change, so
 * that whoever packed the values knows when to pack again.
 */
import { checkData, sizeOf } from "./checks.js";
import { DisposedError } from "./errors.js";
import type { Generator } from "./random.js";
import type { Runtime } from "./runtime.js";
import { bytesPer, copyOf, type FloatArray, type FloatType, zerosOf } from "./tensor.js";

/** One trainable array. Read copies; change it only through `set`, `update` or an optimizer. */
export interface Parameter {
  /** PyTorch's name, such as `weight_ih_l0`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: FloatType;
  /** A copy of the values, row-major. */
  toArray(): FloatArray;
  /** Overwrites all values. @throws {ShapeError} when the number of elements differs */
  set(data: ArrayLike<number>): void;
  /** Calls `change` with the live values and notes the change when it returns. */
  update(change: (values: FloatArray) => void): void;
  /** A copy of the gradient that backward passes have added up since the last `zeroGrad()`. */
  readonly grad: FloatArray;
}

/** @internal Where a parameter lies: what optimizers work on. */
export interface Place {
  readonly block: ParameterBlock;
  /** First element in the block. */
  readonly offset: number;
  readonly size: number;
}

const places = new WeakMap<Parameter, Place>();

/** @internal @returns undefined for an object that no layer made */
export function placeOf(parameter: Parameter): Place | undefined {
  return places.get(parameter);
}

/** @internal The flat block of one layer. */
export class ParameterBlock {
  readonly runtime: Runtime;
  readonly dtype: FloatType;
  readonly parameters: readonly Parameter[];
  readonly size: number;
  /** Moves with every change of a value. */
  version = 1;
  readonly #owner: string;
  readonly #offsets = new Map<string, number>();
  readonly #ptr: number;
  #gradients = 0;
  #disposed = false;

  constructor(runtime: Runtime, owner: string, dtype: FloatType, shapes: Record<string, readonly number[]>) {
    runtime.assertAlive();
    this.runtime = runtime;
    this.dtype = dtype;
    this.#owner = owner;
    let offset = 0;
    const parameters: Parameter[] = [];
    for (const [name, shape] of Object.entries(shapes)) {
      parameters.push(this.#parameter(name, shape, offset));
      this.#offsets.set(name, offset);
      offset += sizeOf(shape);
    }
    this.parameters = parameters;
    this.size = offset;
    this.#ptr = offset === 0 ? 0 : runtime.memory.allocate(offset * bytesPer(dtype)); // some layers have no parameters
  }

  /** First element of a parameter; undefined where there is none of the name. */
  offsetOf(name: string): number | undefined {
    return this.#offsets.get(name);
  }

  /** Byte address of an element. */
  pointer(offset = 0): number {
    this.assertAlive();
    return this.#ptr + offset * bytesPer(this.dtype);
  }

  /** Byte address of an element's gradient; the block is taken when first asked for. */
  gradient(offset = 0): number {
    this.assertAlive();
    if (this.#gradients === 0) this.#gradients = this.runtime.memory.allocate(this.size * bytesPer(this.dtype));
    return this.#gradients + offset * bytesPer(this.dtype);
  }

  /** A copy of some gradients; zeros where no backward has been. */
  gradientCopy(offset: number, size: number): FloatArray {
    this.assertAlive();
    if (this.#gradients === 0) return zerosOf(this.dtype, size) as FloatArray;
    return copyOf(this.dtype, this.runtime.view(this.dtype, this.gradient(offset), size)) as FloatArray;
  }

  zeroGrad(): void {
    this.assertAlive();
    if (this.#gradients !== 0) this.runtime.view(this.dtype, this.#gradients, this.size).fill(0);
  }

  /** Draws every element from [−bound, bound), parameter by parameter. */
  fillUniform(bound: number, generator: Generator): void {
    const values = this.runtime.view(this.dtype, this.pointer(), this.size);
    for (let i = 0; i < values.length; i++) values[i] = (2 * generator.uniform() - 1) * bound;
    this.version++;
  }

  /** @throws {DisposedError} */
  assertAlive(): void {
    if (this.#disposed || this.runtime.disposed) throw new DisposedError(this.#owner);
  }

  dispose(): void {
    if (!this.#disposed && !this.runtime.disposed) {
      if (this.#ptr !== 0) this.runtime.memory.free(this.#ptr);
      if (this.#gradients !== 0) this.runtime.memory.free(this.#gradients);
    }
    this.#disposed = true;
  }

  #parameter(name: string, shape: readonly number[], offset: number): Parameter {
    const block = this;
    const size = sizeOf(shape);
    const live = () => block.runtime.view(block.dtype, block.pointer(offset), size) as FloatArray;
    const parameter: Parameter = {
      name,
      shape: Object.freeze([...shape]),
      dtype: block.dtype,
      toArray: () => copyOf(block.dtype, live()) as FloatArray,
      set(data) {
        const checked = checkData(name, data, size); // before the first element changes
        live().set(checked);
        block.version++;
      },
      update(change) {
        try {
          change(live());
        } finally {
          block.version++;
        }
      },
      get grad() {
        return block.gradientCopy(offset, size);
      },
    };
    places.set(parameter, { block, offset, size });
    return parameter;
  }
}

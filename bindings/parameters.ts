/**
 * Parameters: canonical values in one flat block, gradients in another, and a version that moves with every change, so
 * that whoever packed the values knows when to pack again.
 */
import { Buffers } from "./buffers.js";
import { checkData, show, sizeOf } from "./checks.js";
import { Owner } from "./dispose.js";
import { ArgumentError } from "./errors.js";
import type { Blocks } from "./orphans.js";
import type { Generator } from "./random.js";
import type { Runtime } from "./runtime.js";
import { bytesPer, copyOf, type FloatArray, type FloatType, zerosOf } from "./tensor.js";

/** One trainable array. Read copies; change it only through `set`, `update` or an optimizer. */
export interface Parameter {
  /** PyTorch's name, such as `weight_ih_l0`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: FloatType;
  /** Whether it is trained: not while its layer is frozen. */
  readonly requiresGrad: boolean;
  /** A copy of the values, row-major. */
  toArray(): FloatArray;
  /** Overwrites all values. @throws {ShapeError} when the number of elements differs */
  set(data: ArrayLike<number>): void;
  /**
   * Calls `change` with a copy of the values, and takes the elements that it has changed when it is over, though it throw: what else has
   * written meanwhile, another `update` inside of it too, is kept.
   * @throws {ArgumentError} when `change` is no function, or asynchronous: what it writes later would be lost
   */
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

/** @internal @returns undefined for an object that no layer made */
export function placeOf(parameter: unknown): Place | undefined {
  return PlacedParameter.placeOf(parameter);
}

class PlacedParameter implements Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: FloatType;
  readonly #place: Place;

  constructor(name: string, shape: readonly number[], place: Place) {
    this.name = name;
    this.shape = Object.freeze([...shape]);
    this.dtype = place.block.dtype;
    this.#place = place;
  }

  static placeOf(value: unknown): Place | undefined {
    return typeof value === "object" && value !== null && #place in value ? value.#place : undefined;
  }

  get requiresGrad(): boolean {
    return this.#place.block.requiresGrad;
  }

  get grad(): FloatArray {
    const { block, offset, size } = this.#place;
    return block.gradientCopy(offset, size);
  }

  // Bound: people take them apart.
  readonly toArray = (): FloatArray => copyOf(this.dtype, this.#live()) as FloatArray;

  readonly set = (data: ArrayLike<number>): void => {
    const checked = checkData(this.name, data, this.#place.size); // before the first element changes
    this.#live().set(checked);
    this.#place.block.version++;
  };

  readonly update = (change: (values: FloatArray) => void): void => {
    if (typeof change !== "function") throw new ArgumentError("change", "a function", show(change));
    const values = this.toArray(); // a view could be written long after, or be detached by what the callback allocates
    const before = values.slice();
    let result: unknown;
    try {
      result = change(values);
    } finally {
      const live = this.#live();
      for (let i = 0; i < live.length; i++) if (!Object.is(values[i], before[i])) live[i] = values[i] as number;
      this.#place.block.version++;
    }
    if (typeof (result as { then?: unknown } | null | undefined)?.then === "function")
      throw new ArgumentError("change", "a function that is over when it returns", "one that returns a promise");
  };

  #live(): FloatArray {
    const { block, offset, size } = this.#place;
    return block.runtime.view(block.dtype, block.pointer(offset), size) as FloatArray;
  }
}

let isUndrawn = false;

/** @internal Layers that begin with zeros and draw nothing: their values come from elsewhere. */
export function undrawn<Made>(make: () => Made): Made {
  const before = isUndrawn;
  isUndrawn = true;
  try {
    return make();
  } finally {
    isUndrawn = before;
  }
}

/** @internal The flat block of one layer. */
export class ParameterBlock extends Owner {
  readonly runtime: Runtime;
  readonly dtype: FloatType;
  readonly parameters: readonly Parameter[];
  readonly size: number;
  /** Moves with every change of a value. */
  version = 1;
  /** Whether the parameters are trained. */
  requiresGrad = true;
  /** Elements that have no gradient, from the first on up to the second: an embedding's padding. */
  fixed: readonly [number, number] = [0, 0];
  /** Whether a run of `fit` adds up their gradients, which no other may do meanwhile. */
  inTraining = false;
  readonly #offsets = new Map<string, number>();
  readonly #buffers: Buffers;
  readonly #ptr: number;
  #gradients = 0;

  constructor(runtime: Runtime, owner: string, dtype: FloatType, shapes: Record<string, readonly number[]>) {
    super(owner, runtime);
    runtime.assertAlive();
    this.runtime = runtime;
    this.dtype = dtype;
    let offset = 0;
    const parameters: Parameter[] = [];
    for (const [name, shape] of Object.entries(shapes)) {
      parameters.push(new PlacedParameter(name, shape, { block: this, offset, size: sizeOf(shape) }));
      this.#offsets.set(name, offset);
      offset += sizeOf(shape);
    }
    this.parameters = parameters;
    this.size = offset;
    this.#buffers = new Buffers(runtime.memory);
    this.#ptr = offset === 0 ? 0 : this.#buffers.get("values", offset * bytesPer(dtype)); // some layers have no parameters
  }

  /** What it holds now. */
  get blocks(): Blocks {
    return this.#buffers.blocks;
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
    if (this.#gradients === 0) this.#gradients = this.#buffers.get("gradients", this.size * bytesPer(this.dtype));
    return this.#gradients + offset * bytesPer(this.dtype);
  }

  /** A copy of some gradients; zeros where no backward has been. */
  gradientCopy(offset: number, size: number): FloatArray {
    this.assertAlive();
    if (this.#gradients === 0) return zerosOf(this.dtype, size) as FloatArray;
    return copyOf(this.dtype, this.runtime.view(this.dtype, this.gradient(offset), size)) as FloatArray;
  }

  /** Takes such a copy of all. */
  setGradients(copy: FloatArray): void {
    if (this.#gradients !== 0) this.runtime.view(this.dtype, this.gradient(), this.size).set(copy);
  }

  /** Sets gradients to zero where there are any. */
  zeroGrad(offset = 0, size = this.size): void {
    this.assertAlive();
    if (this.#gradients !== 0) this.runtime.view(this.dtype, this.gradient(offset), size).fill(0);
  }

  /** Draws every element from [−bound, bound), parameter by parameter. */
  fillUniform(bound: number, generator: Generator): void {
    if (isUndrawn) return;
    const values = this.runtime.view(this.dtype, this.pointer(), this.size);
    for (let i = 0; i < values.length; i++) values[i] = (2 * generator.uniform() - 1) * bound;
    this.version++;
  }

  protected override release(): void {
    this.#buffers.dispose();
  }
}

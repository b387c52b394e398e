/** What every optimizer has: the blocks it works on, its moments, its learning rate, a state that can be kept. */

import { Buffers } from "../buffers.js";
import { checkData, checkNumber, checkOneOf, show } from "../checks.js";
import { DISPOSE } from "../dispose.js";
import { ArgumentError, DisposedError } from "../errors.js";
import { type Parameter, type ParameterBlock, placeOf } from "../parameters.js";
import { bytesPer, copyOf, type FloatArray } from "../tensor.js";

/** @internal Parameters that lie side by side in one block. */
export interface Run {
  readonly block: ParameterBlock;
  readonly offset: number;
  size: number;
  /** Elements of each parameter. */
  readonly sizes: number[];
}

/** @internal Where the parameters lie, neighbours joined. @throws {ArgumentError} */
export function runsOf(parameters: readonly Parameter[]): Run[] {
  if (!Array.isArray(parameters) || parameters.length === 0) {
    throw new ArgumentError("parameters", "an array of parameters (of layer.parameters())", show(parameters));
  }
  const places = parameters.map((parameter, i) => {
    const place = placeOf(parameter);
    if (!place)
      throw new ArgumentError(
        `parameters[${i}]`,
        "a parameter (spread the lists: [...a.parameters(), ...b.parameters()])",
        show(parameter),
      );
    return place;
  });
  if (new Set(parameters).size !== parameters.length) throw new ArgumentError("parameters", "each parameter once", "one of them twice");
  const runs: Run[] = [];
  for (const place of places) {
    const last = runs.at(-1);
    if (last && last.block === place.block && last.offset + last.size === place.offset) {
      last.size += place.size;
      last.sizes.push(place.size);
    } else {
      runs.push({ ...place, sizes: [place.size] });
    }
  }
  return runs;
}

/** Optimizer state outside linear memory: what a checkpoint stores. */
export interface OptimizerState {
  /** Name of the optimizer, such as "Adam". */
  readonly kind: string;
  readonly lr: number;
  /** Steps taken. */
  readonly step: number;
  readonly tensors: Readonly<Record<string, ArrayLike<number>>>;
}

/** Changes parameters by their gradients. */
export abstract class Optimizer {
  /** What it trains. */
  readonly parameters: readonly Parameter[];
  /** The rate that schedules start from, once there is one. */
  initialLr?: number;
  protected readonly runs: readonly Run[];
  protected steps = 0;
  readonly #buffers = new Map<Run, Buffers>();
  readonly #moments: readonly string[];
  #lr: number;
  #disposed = false;

  protected constructor(parameters: readonly Parameter[], lr: number, moments: readonly string[]) {
    this.runs = runsOf(parameters);
    this.parameters = Object.freeze([...parameters]);
    this.#lr = checkNumber("lr", lr, 0);
    this.#moments = moments;
    for (const run of this.runs) {
      run.block.assertAlive();
      this.#buffers.set(run, new Buffers(run.block.runtime.memory));
    }
  }

  /** Learning rate; may be changed between steps. */
  get lr(): number {
    return this.#lr;
  }

  /** @throws {ArgumentError} when it is negative */
  set lr(value: number) {
    this.#lr = checkNumber("lr", value, 0);
  }

  /** Changes the parameters by their gradients. @throws {DisposedError} when a layer, or this, has been disposed of */
  step(): void {
    this.#assertAlive();
    for (const run of this.runs) this.#ready(run);
    this.steps++;
    for (const run of this.runs) {
      if (!run.block.requiresGrad) continue; // frozen
      this.update(run, run.block.pointer(run.offset), run.block.gradient(run.offset));
      run.block.version++;
    }
  }

  /** Sets the gradients of these parameters to zero. */
  zeroGrad(): void {
    this.#assertAlive();
    for (const { block, offset, size } of this.runs) block.runtime.view(block.dtype, block.gradient(offset), size).fill(0);
  }

  /** A copy of everything that the next steps depend on beside the parameters. */
  state(): OptimizerState & { tensors: Record<string, FloatArray> } {
    const tensors: Record<string, FloatArray> = {};
    this.#eachMoment((name, view, dtype) => {
      tensors[name] = copyOf(dtype, view) as FloatArray;
    });
    return { kind: this.kind, lr: this.lr, step: this.steps, tensors };
  }

  /**
   * Continues from such a copy.
   *
   * @throws {ArgumentError} when it is of another kind of optimizer @throws {ShapeError} when it is of other parameters
   */
  load(state: OptimizerState): void {
    this.check(state);
    this.#eachMoment((name, view) => view.set(state.tensors[name] as ArrayLike<number>));
    this.steps = state.step;
    this.#lr = state.lr;
  }

  /** @internal Throws what `load` would throw. */
  check(state: OptimizerState): void {
    this.#assertAlive();
    for (const { block } of this.runs) block.assertAlive();
    checkOneOf("state.kind", state?.kind, [this.kind]);
    checkNumber("state.lr", state.lr, 0);
    if (!Number.isInteger(state?.step) || state.step < 0) throw new ArgumentError("state.step", "a count of steps", show(state?.step));
    const surplus = new Set(Object.keys(state.tensors ?? {}));
    this.#eachMoment((name, view) => {
      checkData(`state.tensors.${name}`, state.tensors?.[name], view.length);
      surplus.delete(name);
    });
    for (const name of surplus) throw new ArgumentError("state.tensors", "moments of these parameters alone", name);
  }

  /** Frees the moments. Harmless the second time. */
  dispose(): void {
    if (this.#disposed) return;
    for (const [run, buffers] of this.#buffers) if (!run.block.runtime.disposed) buffers.dispose();
    this.#disposed = true;
  }

  /** `dispose()`, for `using`. */
  [DISPOSE](): void {
    this.dispose();
  }

  /** @internal The name in its states. */
  abstract readonly kind: string;

  protected abstract update(run: Run, parameters: number, gradients: number): void;

  /** Kernels of a run. */
  protected kernels({ block }: Run) {
    return block.runtime.kernels(block.dtype);
  }

  /** Address of a moment of a run. */
  protected moment(run: Run, name: string): number {
    return (this.#buffers.get(run) as Buffers).get(name, run.size * bytesPer(run.block.dtype));
  }

  /** Sets a moment of all parameters to one value. */
  protected fill(name: string, value: number): void {
    for (const run of this.runs) run.block.runtime.view(run.block.dtype, this.moment(run, name), run.size).fill(value);
  }

  /** Takes what an update needs, so that none fails halfway. */
  #ready(run: Run): void {
    run.block.gradient();
    for (const moment of this.#moments) this.moment(run, moment);
  }

  /** Every moment of every parameter, named by its place in the list: "m.0", "v.0", "m.1", … */
  #eachMoment(visit: (name: string, view: FloatArray, dtype: "f32" | "f64") => void): void {
    this.#assertAlive();
    let i = 0;
    for (const run of this.runs) {
      const { runtime, dtype } = run.block;
      run.block.assertAlive();
      let at = 0;
      for (const size of run.sizes) {
        for (const moment of this.#moments) {
          visit(`${moment}.${i}`, runtime.view(dtype, this.moment(run, moment) + at * bytesPer(dtype), size) as FloatArray, dtype);
        }
        at += size;
        i++;
      }
    }
  }

  #assertAlive(): void {
    if (this.#disposed) throw new DisposedError("optimizer");
  }
}

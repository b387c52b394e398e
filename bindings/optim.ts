/** Optimizers and gradient clipping over parameters, one kernel call a block. */

import { Buffers } from "./buffers.js";
import { checkData, checkNumber, checkOptions, show } from "./checks.js";
import { DISPOSE } from "./dispose.js";
import { ArgumentError, DisposedError } from "./errors.js";
import { type Parameter, type ParameterBlock, placeOf } from "./parameters.js";
import { bytesPer, copyOf, type FloatArray } from "./tensor.js";

/** Parameters that lie side by side in one block. */
interface Run {
  readonly block: ParameterBlock;
  readonly offset: number;
  size: number;
  /** Elements of each parameter. */
  readonly sizes: number[];
}

/** Where the parameters lie, neighbours joined. @throws {ArgumentError} */
function runsOf(parameters: readonly Parameter[]): Run[] {
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
  /** Steps taken. */
  readonly step: number;
  readonly tensors: Readonly<Record<string, ArrayLike<number>>>;
}

abstract class Optimizer {
  protected readonly runs: readonly Run[];
  protected steps = 0;
  readonly #buffers = new Map<Run, Buffers>();
  readonly #moments: readonly string[];
  #lr: number;
  #disposed = false;

  protected constructor(parameters: readonly Parameter[], lr: number, moments: readonly string[]) {
    this.runs = runsOf(parameters);
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

  set lr(value: number) {
    this.#lr = checkNumber("lr", value, 0);
  }

  /** Changes the parameters by their gradients. @throws {DisposedError} when a layer, or this, has been disposed of */
  step(): void {
    this.#assertAlive();
    for (const run of this.runs) this.#ready(run);
    this.steps++;
    for (const run of this.runs) {
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
  state(): { step: number; tensors: Record<string, FloatArray> } {
    const tensors: Record<string, FloatArray> = {};
    this.#eachMoment((name, view, dtype) => {
      tensors[name] = copyOf(dtype, view) as FloatArray;
    });
    return { step: this.steps, tensors };
  }

  /** Continues from such a copy. @throws {ArgumentError} @throws {ShapeError} when it is of other parameters */
  load(state: OptimizerState): void {
    if (!Number.isInteger(state?.step) || state.step < 0) throw new ArgumentError("state.step", "a count of steps", show(state?.step));
    this.#eachMoment((name, view) => void checkData(`state.tensors.${name}`, state.tensors?.[name], view.length));
    this.#eachMoment((name, view) => view.set(state.tensors[name] as ArrayLike<number>));
    this.steps = state.step;
  }

  /** Frees the moments. Harmless the second time. */
  dispose(): void {
    if (this.#disposed) return;
    for (const [run, buffers] of this.#buffers) if (!run.block.runtime.disposed) buffers.dispose();
    this.#disposed = true;
  }

  [DISPOSE](): void {
    this.dispose();
  }

  protected abstract update(run: Run, parameters: number, gradients: number): void;

  /** Address of a moment of a run. */
  protected moment(run: Run, name: string): number {
    return (this.#buffers.get(run) as Buffers).get(name, run.size * bytesPer(run.block.dtype));
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

/**
 * Stochastic gradient descent with momentum, as torch.optim.SGD (dampening 0).
 *
 * @example
 * const sgd = new SGD(lstm.parameters(), { lr: 0.1, momentum: 0.9 });
 * sgd.zeroGrad(); lstm.backward(dOutput); sgd.step();
 */
export class SGD extends Optimizer {
  readonly momentum: number;

  /** @throws {ArgumentError} unless lr ≥ 0 and 0 ≤ momentum < 1 */
  constructor(parameters: readonly Parameter[], options: { lr: number; momentum?: number }) {
    checkOptions(options, ["lr", "momentum"]);
    const momentum = checkNumber("momentum", options.momentum ?? 0, 0, 1);
    super(parameters, options.lr, momentum > 0 ? ["velocity"] : []);
    this.momentum = momentum;
  }

  protected update(run: Run, parameters: number, gradients: number): void {
    const { runtime, dtype } = run.block;
    const velocity = this.momentum > 0 ? this.moment(run, "velocity") : 0;
    runtime.kernels(dtype).sgd(parameters, velocity, gradients, run.size, this.lr, this.momentum);
  }
}

/**
 * Adam, as torch.optim.Adam.
 *
 * @example
 * const adam = new Adam([...lstm.parameters(), ...head.parameters()], { lr: 1e-3 });
 * Source: Kingma & Ba, arXiv:1412.6980.
 */
export class Adam extends Optimizer {
  readonly betas: readonly [number, number];
  readonly eps: number;

  /** @throws {ArgumentError} unless lr ≥ 0, 0 ≤ betas < 1 and eps ≥ 0 */
  constructor(parameters: readonly Parameter[], options: { lr?: number; betas?: readonly [number, number]; eps?: number } = {}) {
    checkOptions(options, ["lr", "betas", "eps"]);
    super(parameters, options.lr ?? 1e-3, ["m", "v"]);
    const [beta1, beta2] = options.betas ?? [0.9, 0.999];
    this.betas = [checkNumber("betas[0]", beta1, 0, 1), checkNumber("betas[1]", beta2, 0, 1)];
    this.eps = checkNumber("eps", options.eps ?? 1e-8, 0);
  }

  protected update(run: Run, parameters: number, gradients: number): void {
    const { runtime, dtype } = run.block;
    const [beta1, beta2] = this.betas;
    const stepSize = this.lr / (1 - beta1 ** this.steps);
    const root = Math.sqrt(1 - beta2 ** this.steps);
    const m = this.moment(run, "m");
    const v = this.moment(run, "v");
    runtime.kernels(dtype).adam(parameters, m, v, gradients, run.size, beta1, beta2, this.eps, stepSize, root);
  }
}

/**
 * Scales the gradients so that their common Euclidean norm is at most maxNorm, as torch.nn.utils.clip_grad_norm_.
 *
 * @returns the norm before clipping; where it is not finite (a gradient is not, or the squares overflow f64), nothing is scaled
 * @throws {ArgumentError} unless maxNorm > 0 @throws {DisposedError}
 */
export function clipGradNorm(parameters: readonly Parameter[], maxNorm: number): number {
  const runs = runsOf(parameters);
  if (!(maxNorm > 0)) throw new ArgumentError("maxNorm", "a number over 0", show(maxNorm));
  let squares = 0;
  for (const { block, offset, size } of runs) squares += block.runtime.kernels(block.dtype).sumSquares(block.gradient(offset), size);
  const norm = Math.sqrt(squares);
  const factor = maxNorm / (norm + 1e-6);
  if (factor < 1 && Number.isFinite(norm)) {
    for (const { block, offset, size } of runs) block.runtime.kernels(block.dtype).scale(block.gradient(offset), size, factor);
  }
  return norm;
}

/** @internal Multiplies the gradients by a factor. */
export function scaleGrad(parameters: readonly Parameter[], factor: number): void {
  for (const { block, offset, size } of runsOf(parameters)) {
    block.runtime.kernels(block.dtype).scale(block.gradient(offset), size, factor);
  }
}

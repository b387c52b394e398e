/** From a sequence to one row for each: its last step, its mean or its maximum over time. */
import { checkLengths, show } from "../checks.js";
import { ShapeError } from "../errors.js";
import type { Slots } from "../graph/slots.js";
import type { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";
import { checkConstruction } from "./doors.js";
import { Layer } from "./layer.js";
import type { BackwardPlan } from "./passes.js";
import type { Tape } from "./tape.js";

/** Options of a pooling layer's forward pass. */
export interface PoolForwardOptions {
  /** Steps of each of the N sequences; default: all T. What lies behind is neither read nor given a gradient. */
  lengths?: ArrayLike<number> | undefined;
}

interface Dims {
  readonly T: number;
  readonly N: number;
  readonly H: number;
  /** 1: [N, T, H]. */
  readonly batchFirst: number;
}

abstract class Pool extends Layer {
  /** @internal forward takes `lengths`. */
  readonly takesLengths = true;

  protected constructor(runtime: Runtime, name: string, options: Pick<Layer, "dtype"> | object) {
    super(runtime, name, checkConstruction(runtime, options, []), {});
  }

  /**
   * @param x [T, N, H], or [N, T, H] where it says `batchFirst`, or [T, H] for one sequence without a batch
   * @param options lengths
   * @returns [N, H], or [H]; valid until the next forward (in a frame, until that runs again)
   * @throws {ArgumentError} when a length is not in 1 … T
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  forward(x: Tensor, options: PoolForwardOptions = {}): Tensor {
    const { tape, record, given } = this.forwardTape(options, ["lengths"]);
    this.address("x", x);
    if (x.shape.length !== 2 && x.shape.length !== 3)
      throw new ShapeError("x", `${x.batchFirst ? "[N, T, H]" : "[T, N, H]"} or [T, H]`, show([...x.shape]));
    const dims = dimsOf(x);
    const { T, N, H } = dims;
    const lengths = given.lengths === undefined ? undefined : checkLengths("lengths", given.lengths, N, T);
    this.restart(tape, "x", x);
    const y = tape.slots.get("y", this.bytes(N * H));
    const steps = this.#steps(tape, N);
    this.runtime.view("i32", steps, N).set(lengths ?? new Int32Array(N).fill(T));
    this.pool(tape, y, x.pointer("x"), steps, dims);
    const output = this.result(tape.arena, y, pooled(x));
    if (record) this.record(tape, {}, { x, output, T, N });
    return output;
  }

  /**
   * @param dOutput ∂L/∂output, of output's shape
   * @returns dX, of x's shape, zeros in the padding; valid until the next backward
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  backward(dOutput: Tensor): Tensor {
    return this.back(dOutput, {}) as Tensor;
  }

  /** @internal */
  protected override planned(tape: Tape, dy: number, slots: Slots): BackwardPlan {
    const { x, N } = this.recordingOf(tape);
    const dx = slots.get("dX", this.bytes(x.size));
    const run = () => this.unpool(tape, dx, dy, this.#steps(tape, N), dimsOf(x));
    return { dX: dx, run };
  }

  protected abstract pool(tape: Tape, y: number, x: number, steps: number, dims: Dims): void;
  protected abstract unpool(tape: Tape, dx: number, dy: number, steps: number, dims: Dims): void;

  #steps(tape: Tape, N: number): number {
    return tape.slots.get("steps", 4 * N);
  }
}

function dimsOf({ shape, batchFirst }: Tensor): Dims {
  const [first, second] = shape as readonly [number, number];
  if (shape.length === 2) return { T: first, N: 1, H: second, batchFirst: 0 };
  const [T, N] = batchFirst ? [second, first] : [first, second];
  return { T, N, H: shape[2] as number, batchFirst: Number(batchFirst ?? false) };
}

/** Where a maximum keeps its steps. */
function places(tape: Tape, { N, H }: Dims): number {
  return tape.slots.get("places", 4 * N * H);
}

/** The shape without time. */
function pooled(x: Tensor): number[] {
  const { N, H } = dimsOf(x);
  return x.shape.length === 2 ? [H] : [N, H];
}

/**
 * The output at each sequence's last step. Of a bidirectional layer that is the end of one direction and the beginning of the other:
 * take `state.h` there.
 *
 * @example
 * const last = new LastStep(rt);
 * const y = last.forward(output, { lengths }); // [T, N, H] → [N, H]
 */
export class LastStep extends Pool {
  constructor(runtime: Runtime, options: Pick<Partial<Layer>, "dtype"> = {}) {
    super(runtime, "LastStep", options);
  }

  protected pool(_: Tape, y: number, x: number, steps: number, dims: Dims): void {
    this.kernels.lastStepForward({ y, x, lengths: steps, ...dims });
  }

  protected unpool(_: Tape, dx: number, dy: number, steps: number, dims: Dims): void {
    this.kernels.lastStepBackward({ dx, dy, lengths: steps, ...dims });
  }
}

/**
 * The mean over each sequence's steps.
 *
 * @example
 * const mean = new MeanPool(rt);
 * const y = mean.forward(output, { lengths }); // [T, N, H] → [N, H]
 */
export class MeanPool extends Pool {
  constructor(runtime: Runtime, options: Pick<Partial<Layer>, "dtype"> = {}) {
    super(runtime, "MeanPool", options);
  }

  protected pool(_: Tape, y: number, x: number, steps: number, dims: Dims): void {
    this.kernels.meanPoolForward({ y, x, lengths: steps, ...dims });
  }

  protected unpool(_: Tape, dx: number, dy: number, steps: number, dims: Dims): void {
    this.kernels.meanPoolBackward({ dx, dy, lengths: steps, ...dims });
  }
}

/**
 * The maximum over each sequence's steps, feature by feature; the gradient goes to the first step that has it. NaN wins.
 *
 * @example
 * const max = new MaxPool(rt);
 * const y = max.forward(output, { lengths }); // [T, N, H] → [N, H]
 * Source: torch.max along time.
 */
export class MaxPool extends Pool {
  constructor(runtime: Runtime, options: Pick<Partial<Layer>, "dtype"> = {}) {
    super(runtime, "MaxPool", options);
  }

  protected pool(tape: Tape, y: number, x: number, steps: number, dims: Dims): void {
    this.kernels.maxPoolForward({ y, places: places(tape, dims), x, lengths: steps, ...dims });
  }

  protected unpool(tape: Tape, dx: number, dy: number, _steps: number, dims: Dims): void {
    this.kernels.maxPoolBackward({ dx, dy, places: places(tape, dims), ...dims });
  }
}

import { checkBoolean, checkNumber, checkOptions, checkPositive, show } from "../checks.js";
import { ShapeError } from "../errors.js";
import type { Slots } from "../graph/slots.js";
import type { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";
import { checkConstruction } from "./doors.js";
import { Layer } from "./layer.js";
import type { BackwardPlan, ForwardOptions, LayerOptions } from "./passes.js";
import { RowStream } from "./row-stream.js";
import type { Tape } from "./tape.js";

/** Of one row: three numbers in f64, whatever the element type. */
const STATS_BYTES = 24;

/** Options of LayerNorm, by PyTorch's names. */
export interface LayerNormOptions extends LayerOptions {
  /** Features of a row, D. */
  normalizedShape: number;
  /** ε. Default 1e-5. */
  eps?: number;
  /** Whether there are `weight` and `bias`. Default true. */
  elementwiseAffine?: boolean;
  /** Whether there is a `bias` beside `weight`. Default true. */
  bias?: boolean;
}

/**
 * Normalises each row of D features: y = (x − mean)/√(variance + ε)·weight + bias; `weight` [D] begins as ones, `bias` [D] as zeros.
 *
 * @example
 * const norm = new LayerNorm(rt, { normalizedShape: 64 });
 * const y = norm.forward(output); // [T, N, 64]
 * @throws {ArgumentError} on options it cannot take, @throws {MemoryError}
 * Source: torch.nn.LayerNorm; Ba, Kiros & Hinton, arXiv:1607.06450.
 */
export class LayerNorm extends Layer {
  readonly normalizedShape: number;
  readonly eps: number;
  /** Of the kernel; one object for all calls: a step of a stream makes no garbage. */
  readonly #args: { y: number; stats: number; x: number; w: number; b: number; M: number; D: number; epsilon: number };

  constructor(runtime: Runtime, options: LayerNormOptions) {
    const given = checkConstruction(runtime, options, ["normalizedShape", "eps", "elementwiseAffine", "bias", "generator"]);
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = given;
    const D = checkPositive("normalizedShape", given.normalizedShape);
    checkNumber("eps", eps, 0);
    checkBoolean("elementwiseAffine", elementwiseAffine);
    checkBoolean("bias", bias);
    const shapes: Record<string, number[]> = elementwiseAffine ? { weight: [D], ...(bias ? { bias: [D] } : {}) } : {};
    super(runtime, "LayerNorm", given, shapes);
    this.normalizedShape = D;
    this.eps = eps;
    this.#args = { y: 0, stats: 0, x: 0, w: 0, b: 0, M: 0, D, epsilon: eps };
    this.block.parameters[0]?.update((weight) => void weight.fill(1));
  }

  /**
   * @param x [..., D]
   * @returns of x's shape, valid until the next forward (in a frame, until that runs again)
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  forward(x: Tensor, options: ForwardOptions = {}): Tensor {
    const { tape, record } = this.forwardTape(options);
    this.address("x", x);
    const D = this.normalizedShape;
    if (x.shape.at(-1) !== D) throw new ShapeError("x", `[…, ${D}]`, show([...x.shape]));
    this.restart(tape, "x", x);
    const M = x.size / D;
    const stats = tape.slots.get("stats", STATS_BYTES * M);
    const y = tape.slots.get("y", this.bytes(x.size));
    this.#apply(y, stats, x.pointer("x"), M);
    const output = this.result(tape.arena, y, x.shape, x.batchFirst);
    if (record) this.record(tape, { x }, { x, output, T: 1, N: M });
    return output;
  }

  /**
   * Adds to the gradients of `weight` and `bias` over the last recorded forward.
   *
   * @param dOutput ∂L/∂output, of output's shape
   * @returns dX, of x's shape; valid until the next backward
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  backward(dOutput: Tensor): Tensor {
    return this.back(dOutput, {}) as Tensor;
  }

  /** @internal */
  protected override planned(tape: Tape, dy: number, slots: Slots): BackwardPlan {
    const { x, N: M } = this.recordingOf(tape);
    const dx = slots.get("dX", this.bytes(x.size));
    const stats = tape.slots.get("stats", STATS_BYTES * M);
    const gradient = (name: string) => {
      const offset = this.block.offsetOf(name);
      return offset === undefined || !this.requiresGrad ? 0 : this.block.gradient(offset);
    };
    const [dw, db, D] = [gradient("weight"), gradient("bias"), this.normalizedShape];
    const sums = dw || db ? slots.get("sums", 2 * 8 * D) : 0;
    const run = () => this.kernels.layerNormBackward({ dx, dw, db, sums, dy, x: x.pointer("x"), stats, w: this.#value("weight"), M, D });
    return { dX: dx, run };
  }

  /**
   * One step at a time: `input` takes [N, D], `output` gives [N, D].
   *
   * @param options batch: N, default 1
   */
  stream(options: { batch?: number } = {}): RowStream {
    const { batch: N = 1 } = checkOptions(options, ["batch"]);
    checkPositive("batch", N);
    const D = this.normalizedShape;
    // In the scratch: the stream's own mean and scale, which nothing reads.
    const apply = (x: number, y: number, scratch: number, M: number) => this.#apply(y, scratch, x, M);
    return new RowStream(this, N, { inputSize: D, outputSize: D, scratchBytes: STATS_BYTES, apply });
  }

  #apply(y: number, stats: number, x: number, M: number): void {
    const args = this.#args;
    args.y = y;
    args.stats = stats;
    args.x = x;
    args.w = this.#value("weight");
    args.b = this.#value("bias");
    args.M = M;
    this.kernels.layerNormForward(args);
  }

  #value(name: string): number {
    const offset = this.block.offsetOf(name);
    return offset === undefined ? 0 : this.block.pointer(offset);
  }
}

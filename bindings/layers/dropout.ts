import { checkNumber } from "../checks.js";
import type { Slots } from "../graph/slots.js";
import type { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";
import { checkConstruction } from "./doors.js";
import { Layer } from "./layer.js";
import type { BackwardPlan, ForwardOptions, LayerOptions } from "./passes.js";
import type { Seeds, Tape } from "./tape.js";

/** Options of Dropout. */
export interface DropoutOptions extends LayerOptions {
  /** Share of the elements that become zero, in [0, 1). Default 0.5. */
  p?: number;
}

/**
 * While training, each element becomes zero with probability p and the others are multiplied by 1/(1 − p); after `eval()` all pass
 * as they are. No mask is kept: two seeds decide it, and the backward pass asks again.
 *
 * @example
 * const dropout = new Dropout(rt, { p: 0.2 });
 * const y = dropout.forward(x);
 * @throws {ArgumentError} unless 0 ≤ p < 1
 * Source: torch.nn.Dropout.
 */
export class Dropout extends Layer {
  readonly p: number;

  constructor(runtime: Runtime, options: DropoutOptions = {}) {
    const given = checkConstruction(runtime, options, ["p", "generator"]);
    const p = checkNumber("p", given.p === undefined ? 0.5 : given.p, 0, 1);
    super(runtime, "Dropout", given, {});
    this.p = p;
  }

  /** @internal */
  override get idleInUse(): boolean {
    return true;
  }

  /**
   * @param x of any shape
   * @returns of x's shape, valid until the next forward (in a frame, until that runs again)
   * @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  forward(x: Tensor, options: ForwardOptions = {}): Tensor {
    const { tape, record } = this.forwardTape(options);
    this.address("x", x);
    this.restart(tape, "x", x);
    const y = tape.slots.get("y", this.bytes(x.size));
    const active = this.training && this.p > 0;
    const seeds: Seeds | undefined = active ? [this.generator.bits(), this.generator.bits()] : undefined;
    if (seeds) this.kernels.dropout({ y, x: x.pointer("x"), n: x.size, p: this.p, seed0: seeds[0], seed1: seeds[1] });
    else this.runtime.memory.copy(y, x.pointer("x"), this.bytes(x.size));
    const output = this.result(tape.arena, y, x.shape, x.batchFirst);
    if (record) this.record(tape, {}, { x, output, T: 1, N: x.size, dropout: seeds ? [seeds] : [] });
    return output;
  }

  /**
   * @param dOutput ∂L/∂output, of output's shape
   * @returns dX, of x's shape; valid until the next backward
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  backward(dOutput: Tensor): Tensor {
    return this.back(dOutput, {}) as Tensor;
  }

  /** @internal */
  protected override planned(tape: Tape, dy: number, slots: Slots): BackwardPlan {
    const { x, dropout } = this.recordingOf(tape);
    const dx = slots.get("dX", this.bytes(x.size));
    const seeds = dropout?.[0];
    const run = () => {
      if (seeds) this.kernels.dropout({ y: dx, x: dy, n: x.size, p: this.p, seed0: seeds[0], seed1: seeds[1] });
      else this.runtime.memory.copy(dx, dy, this.bytes(x.size));
    };
    return { dX: dx, run };
  }
}

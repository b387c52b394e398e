import type { Slots } from "../graph/slots.js";
import type { Runtime } from "../runtime.js";
import type { FloatType, Tensor } from "../tensor.js";
import { checkConstruction } from "./doors.js";
import { Layer } from "./layer.js";
import type { BackwardPlan, ForwardOptions } from "./passes.js";
import type { Tape } from "./tape.js";

/**
 * Softmax over the last axis, each row shifted by its own maximum. For training on classes use CrossEntropyLoss on
 * the logits instead.
 *
 * @example
 * const p = new Softmax(rt).forward(logits); // rows sum to 1
 */
export class Softmax extends Layer {
  constructor(runtime: Runtime, options: { dtype?: FloatType } = {}) {
    super(runtime, "Softmax", checkConstruction(runtime, options, []), {});
  }

  /**
   * @param z [..., C]
   * @returns probabilities of the same shape, valid until the next forward (in a frame, until that runs again)
   * @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  forward(z: Tensor, options: ForwardOptions = {}): Tensor {
    const { tape, record } = this.forwardTape(options);
    this.address("z", z);
    const C = z.shape.at(-1) as number;
    this.restart(tape, "z", z);
    const p = tape.slots.get("p", this.bytes(z.size));
    this.kernels.softmaxForward({ p, z: z.pointer("z"), M: z.size / C, C });
    const output = this.result(tape.arena, p, z.shape, z.batchFirst);
    if (record) this.record(tape, { output }, { x: output, output, T: 1, N: z.size / C }, z);
    return output;
  }

  /**
   * @param dOutput ∂L/∂probabilities
   * @returns ∂L/∂z, valid until the next backward
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  backward(dOutput: Tensor): Tensor {
    return this.back(dOutput, {}) as Tensor;
  }

  /** @internal */
  protected override planned(tape: Tape, dp: number, slots: Slots): BackwardPlan {
    const { output, N: M } = this.recordingOf(tape);
    const dz = slots.get("dz", this.bytes(output.size));
    const run = () => this.kernels.softmaxBackward({ dz, dp, p: output.pointer("output"), M, C: output.size / M });
    return { dX: dz, run };
  }
}

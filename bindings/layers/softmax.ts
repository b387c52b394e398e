import { checkOptions } from "../checks.js";
import { StaleError } from "../errors.js";
import type { Runtime } from "../runtime.js";
import type { FloatType, Tensor } from "../tensor.js";
import { checkConstruction } from "./doors.js";
import { Layer } from "./layer.js";
import type { BackwardOptions, BackwardPlan, ChainOptions, ForwardOptions } from "./passes.js";

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
   * @returns probabilities of the same shape, valid until the next forward on the same tape
   * @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  forward(z: Tensor, options: ForwardOptions = {}): Tensor {
    const { tape, record } = this.forwardTape(options);
    this.address("z", z);
    this.refuseOwn("z", z, tape.lease);
    const C = z.shape.at(-1) as number;
    tape.restart();
    const p = tape.buffers.get("p", this.bytes(z.size));
    this.kernels.softmaxForward({ p, z: z.pointer("z"), M: z.size / C, C });
    const output = this.result(tape.lease, p, z.shape, z.batchFirst);
    if (record) this.record(tape, output, { output }, { T: 1, N: z.size / C });
    return output;
  }

  /**
   * @param dOutput ∂L/∂probabilities
   * @returns ∂L/∂z, valid until the next backward
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  backward(dOutput: Tensor, options: BackwardOptions = {}): Tensor {
    return this.carryOut(this.plan(dOutput, checkOptions(options, ["tape"])));
  }

  /** @internal */
  override plan(dOutput: Tensor, options: ChainOptions = {}): BackwardPlan<Tensor> {
    const { tape } = this.chainOptions(options);
    if (!tape.recording) throw new StaleError("backward: expected a forward of this Softmax, got none");
    const { x: output, N: M } = this.recordingOf(tape);
    const { shape, batchFirst } = output;
    const given = this.shaped("dOutput", dOutput, shape, batchFirst);
    this.backwardLease.renew();
    const dp = this.kept("dOutput", dOutput, given, this.backwardLease, this.workspace);
    const dz = this.workspace.get("dz", this.bytes(output.size));
    const run = () => this.kernels.softmaxBackward({ dz, dp, p: output.pointer("output"), M, C: output.size / M });
    return { result: this.result(this.backwardLease, dz, shape, batchFirst), run };
  }
}

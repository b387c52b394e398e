import { Buffers } from "../buffers.js";
import { sameShape, show } from "../checks.js";
import { DISPOSE } from "../dispose.js";
import { DisposedError, ShapeError, StaleError } from "../errors.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, type FloatType, Lease, Tensor } from "../tensor.js";
import { checkConstruction, checkTensor, dtypeOf } from "./layer.js";

/**
 * Softmax over the last axis, each row shifted by its own maximum. For training on classes use CrossEntropyLoss on
 * the logits instead.
 *
 * @example
 * const p = new Softmax(rt).forward(logits); // rows sum to 1
 */
export class Softmax {
  readonly dtype: FloatType;
  readonly #runtime: Runtime;
  readonly #buffers: Buffers;
  readonly #forwardLease = new Lease("the next forward of this Softmax");
  readonly #backwardLease = new Lease("the next backward of this Softmax");
  #output: Tensor | null = null;

  constructor(runtime: Runtime, options: { dtype?: FloatType } = {}) {
    checkConstruction(runtime, options, []);
    this.dtype = dtypeOf(runtime, options);
    this.#runtime = runtime;
    this.#buffers = new Buffers(runtime.memory);
  }

  /** @param z [..., C] @returns probabilities of the same shape, valid until the next forward */
  forward(z: Tensor): Tensor {
    this.#assertAlive();
    const from = checkTensor("z", z, this.#runtime, this.dtype).pointer("z");
    const C = z.shape.at(-1) as number;
    this.#forwardLease.renew();
    const p = this.#buffers.get("p", z.size * bytesPer(this.dtype));
    this.#runtime.kernels(this.dtype).softmaxForward({ p, z: from, M: z.size / C, C });
    this.#output = new Tensor(this.#runtime, p, z.shape, this.dtype, this.#forwardLease);
    return this.#output;
  }

  /** @param dOutput ∂L/∂probabilities @returns ∂L/∂z, valid until the next backward @throws {StaleError} before a forward */
  backward(dOutput: Tensor): Tensor {
    this.#assertAlive();
    if (!this.#output) throw new StaleError("backward: expected a forward of this Softmax, got none");
    const p = this.#output;
    const dp = checkTensor("dOutput", dOutput, this.#runtime, this.dtype).pointer("dOutput");
    if (!sameShape(dOutput.shape, p.shape)) throw new ShapeError("dOutput", show([...p.shape]), show([...dOutput.shape]));
    const C = p.shape.at(-1) as number;
    this.#backwardLease.renew();
    const dz = this.#buffers.get("dz", p.size * bytesPer(this.dtype));
    this.#runtime.kernels(this.dtype).softmaxBackward({ dz, dp, p: p.pointer(), M: p.size / C, C });
    return new Tensor(this.#runtime, dz, p.shape, this.dtype, this.#backwardLease);
  }

  /** Frees the workspace. Harmless the second time. */
  dispose(): void {
    if (!this.#forwardLease.ended && !this.#runtime.disposed) this.#buffers.dispose();
    this.#forwardLease.ended = true;
    this.#backwardLease.ended = true;
  }

  /** `dispose()`, for `using`. */
  [DISPOSE](): void {
    this.dispose();
  }

  #assertAlive(): void {
    if (this.#forwardLease.ended || this.#runtime.disposed) throw new DisposedError("Softmax");
  }
}

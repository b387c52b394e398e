import { Buffers } from "./buffers.js";
import { sameShape, show } from "./checks.js";
import { DISPOSE } from "./dispose.js";
import { ArgumentError, DisposedError, ShapeError } from "./errors.js";
import { checkConstruction, checkTensor, dtypeOf } from "./layers/layer.js";
import type { Runtime } from "./runtime.js";
import { bytesPer, type FloatType, Lease, Tensor } from "./tensor.js";

/**
 * Cross-entropy on logits, the mean over all rows, in nats; loss and gradient in one pass.
 *
 * @example
 * const { loss, dLogits } = new CrossEntropyLoss(rt).forward(logits, targets);
 * lstm.backward(head.backward(dLogits));
 * Source: torch.nn.CrossEntropyLoss.
 */
export class CrossEntropyLoss {
  readonly dtype: FloatType;
  readonly #runtime: Runtime;
  readonly #buffers: Buffers;
  readonly #lease = new Lease("the next forward of this CrossEntropyLoss");

  constructor(runtime: Runtime, options: { dtype?: FloatType } = {}) {
    checkConstruction(runtime, options, []);
    this.dtype = dtypeOf(runtime, options);
    this.#runtime = runtime;
    this.#buffers = new Buffers(runtime.memory);
  }

  /**
   * @param logits [..., C]
   * @param targets i32 [...], classes in 0 … C − 1
   * @returns the mean loss and its gradient, of logits' shape, valid until the next forward
   * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} when a target is out of range
   * @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  forward(logits: Tensor, targets: Tensor): { loss: number; dLogits: Tensor } {
    const runtime = this.#runtime;
    if (this.#lease.ended || runtime.disposed) throw new DisposedError("CrossEntropyLoss");
    const z = checkTensor("logits", logits, runtime, this.dtype).pointer("logits");
    const y = checkTensor("targets", targets, runtime, "i32").pointer("targets");
    const C = logits.shape.at(-1) as number;
    const M = logits.size / C;
    const rows = logits.shape.length === 1 ? [1] : logits.shape.slice(0, -1);
    if (!sameShape(targets.shape, rows)) throw new ShapeError("targets", show([...rows]), show([...targets.shape]));
    const bad = runtime.firstBadToken(y, M, C);
    if (bad >= 0) throw new ArgumentError(`targets[${bad}]`, `a class in 0 … ${C - 1}`, show(targets.data[bad]));
    this.#lease.renew();
    const dz = this.#buffers.get("dLogits", logits.size * bytesPer(this.dtype));
    const total = runtime.kernels(this.dtype).crossEntropy(dz, z, y, M, C, 1 / M);
    return { loss: total / M, dLogits: new Tensor(runtime, dz, logits.shape, this.dtype, this.#lease) };
  }

  /** Frees the workspace. Harmless the second time. */
  dispose(): void {
    if (!this.#lease.ended && !this.#runtime.disposed) this.#buffers.dispose();
    this.#lease.ended = true;
  }

  [DISPOSE](): void {
    this.dispose();
  }
}

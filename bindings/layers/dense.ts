import { checkBoolean, checkOptions, checkPositive, show } from "../checks.js";
import { ShapeError } from "../errors.js";
import type { Slots } from "../graph/slots.js";
import type { Runtime } from "../runtime.js";
import { storedBytes, storedRows, type Tensor, type WeightStorage } from "../tensor.js";
import { checkConstruction, checkStored } from "./doors.js";
import { Layer } from "./layer.js";
import type { BackwardPlan, ChainOptions, ForwardOptions, LayerOptions } from "./passes.js";
import { RowStream } from "./row-stream.js";
import type { Tape } from "./tape.js";

/** Options of Dense. */
export interface DenseOptions extends LayerOptions {
  /** Features in, I. */
  inputSize: number;
  /** Features out, O. */
  outputSize: number;
  /** Whether there is a bias. Default true. */
  bias?: boolean;
  /** How the kernel keeps the weights, to be run only: `"int8"` for a runtime that has its kernels (`loadInt8` of wasm-rnn/int8). Default: the dtype. */
  weights?: "int8";
}

/**
 * The affine layer, y = x·weightᵀ + bias: `weight` [O, I], `bias` [O], drawn uniformly from ±1/√I.
 *
 * @example
 * const head = new Dense(rt, { inputSize: 64, outputSize: 10 });
 * const logits = head.forward(output); // [T, N, 64] → [T, N, 10]
 * @throws {ArgumentError} on options it cannot take, @throws {MemoryError}
 * Source: torch.nn.Linear.
 */
export class Dense extends Layer {
  readonly inputSize: number;
  readonly outputSize: number;
  readonly #bias: boolean;
  /** Of the kernel; one object for all calls: a step of a stream makes no garbage. */
  readonly #args: { y: number; x: number; w: number; bias: number; M: number; I: number; O: number };
  /** @internal How the packed weights are stored; whoever changes it moves the version of the block. */
  storage: WeightStorage;
  #forwardVersion = 0;
  #backwardVersion = 0;

  constructor(runtime: Runtime, options: DenseOptions) {
    const given = checkConstruction(runtime, options, ["inputSize", "outputSize", "bias", "weights", "generator"]);
    const { bias = true } = given;
    const I = checkPositive("inputSize", given.inputSize);
    const O = checkPositive("outputSize", given.outputSize);
    checkBoolean("bias", bias);
    super(runtime, "Dense", given, bias ? { weight: [O, I], bias: [O] } : { weight: [O, I] });
    this.inputSize = I;
    this.outputSize = O;
    this.#bias = bias;
    this.storage = checkStored(runtime, given, []) ?? this.dtype;
    this.#args = { y: 0, x: 0, w: 0, bias: 0, M: 0, I: this.inputSize, O: this.outputSize };
    this.block.fillUniform(1 / Math.sqrt(I), this.generator);
  }

  /**
   * @param x [..., I]
   * @returns [..., O], valid until the next forward (in a frame, until that runs again)
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  forward(x: Tensor, options: ForwardOptions = {}): Tensor {
    const { tape, record } = this.forwardTape(options);
    this.address("x", x);
    const { inputSize: I, outputSize: O } = this;
    if (x.shape.at(-1) !== I) throw new ShapeError("x", `[…, ${I}]`, show([...x.shape]));
    this.restart(tape, "x", x);
    const M = x.size / I;
    const y = tape.slots.get("y", this.bytes(M * O));
    this.#apply(y, x.pointer("x"), M);
    const output = this.result(tape.arena, y, [...x.shape.slice(0, -1), O], x.batchFirst);
    if (record) this.record(tape, { x }, { x, output, T: 1, N: M });
    return output;
  }

  /**
   * Adds to the gradients of `weight` and `bias` over the last recorded forward.
   *
   * @param dOutput ∂L/∂output, of output's shape
   * @param options dX: false leaves dX out, and null is returned
   * @returns dX, of x's shape; valid until the next backward
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  backward(dOutput: Tensor, options?: { dX?: true }): Tensor;
  backward(dOutput: Tensor, options?: ChainOptions): Tensor | null;
  backward(dOutput: Tensor, options: ChainOptions = {}): Tensor | null {
    return this.back(dOutput, options);
  }

  /** @internal */
  protected override planned(tape: Tape, dy: number, slots: Slots, wantsDX: boolean): BackwardPlan {
    const { x, N: M } = this.recordingOf(tape);
    const { inputSize: I, outputSize: O, block, kernels } = this;
    this.refuseStored(this.storage);
    const wT = wantsDX ? this.buffers.get("weightsT", this.bytes(kernels.padded(I) * O)) : 0;
    const dx = wantsDX ? slots.get("dX", this.bytes(M * I)) : 0;
    const dw = block.requiresGrad ? block.gradient() : 0;
    const db = this.#bias && dw ? block.gradient(O * I) : 0;
    const scratch = dw && slots.get("scratch", this.bytes(kernels.gemmTransposedScratch({ width: O, K: M, cols: I })));
    const run = () => {
      if (wT && this.#backwardVersion !== block.version) {
        kernels.packBackward({ dst: wT, w: block.pointer(), G: 1, H: O, cols: I, exact: 1 });
        this.#backwardVersion = block.version;
      }
      kernels.denseBackward({ dx, dw, db, scratch, dy, x: x.pointer("x"), wT, M, I, O });
    };
    return { dX: dx, run };
  }

  /**
   * One step at a time: `input` takes [N, I], `output` gives [N, O].
   *
   * @param options batch: N, default 1
   */
  stream(options: { batch?: number } = {}): RowStream {
    const { batch: N = 1 } = checkOptions(options, ["batch"]);
    checkPositive("batch", N);
    const { inputSize, outputSize } = this;
    const stream = new RowStream(this, N, { inputSize, outputSize, apply: (x, y, _scratch, M) => this.#apply(y, x, M) });
    try {
      this.#pack(); // a step takes no memory
    } catch (error) {
      stream.dispose();
      throw error;
    }
    return stream;
  }

  /** Of the packed weights. */
  get #weightBytes(): number {
    return storedBytes(this.storage, this.kernels.padded(this.outputSize) * storedRows(this.storage, this.inputSize));
  }

  #apply(y: number, x: number, M: number): void {
    const args = this.#args;
    args.y = y;
    args.x = x;
    args.w = this.#pack();
    args.bias = args.w + this.#weightBytes;
    args.M = M;
    this.runtime.kernels(this.storage).denseForward(args);
  }

  /** The packed weights and behind them the padded bias, brought up to date. (A pair of addresses would be garbage of every step.) */
  #pack(): number {
    const { inputSize: I, outputSize: O, block, runtime, storage } = this;
    const kernels = runtime.kernels(storage);
    const bytes = this.#weightBytes;
    const scratch = (storage === "int8" && runtime.int8?.denseScratch(I)) || 0;
    const packed = this.buffers.get("packed", bytes + this.bytes(kernels.padded(O)) + scratch);
    if (this.#forwardVersion !== block.version) {
      kernels.packForward({ dst: packed, w: block.pointer(), G: 1, H: O, K: I, firstRow: 0, rows: storedRows(storage, I) });
      kernels.packBias({ dst: packed + bytes, bx: this.#bias ? block.pointer(O * I) : 0, ba: 0, G: 1, H: O });
      this.#forwardVersion = block.version;
    }
    return packed;
  }
}

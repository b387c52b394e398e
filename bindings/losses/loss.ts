/** What every loss has: a reduction, a workspace for its gradient, and an end. */

import { Buffers } from "../buffers.js";
import { checkLengths, checkOneOf, checkOptions, show } from "../checks.js";
import { Owner } from "../dispose.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { inDType } from "../fits.js";
import { Arena } from "../graph/arena.js";
import type { Gradients } from "../graph/node.js";
import { isTruly } from "../heir.js";
import { checkConstruction, checkLayout, checkTensor, dtypeOf } from "../layers/doors.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, type FloatType, Tensor } from "../tensor.js";

/** Options that every loss takes. */
export interface LossOptions {
  /** Element type of what it compares; default: the runtime's. */
  dtype?: FloatType;
  /** `"mean"`, over everything that counts, or `"sum"`. Default `"mean"`. */
  reduction?: "mean" | "sum";
}

/** Options of one comparison. */
export interface LossForwardOptions {
  /**
   * Steps of each of N sequences, for tensors [T, N, …] padded to T, or [N, T, …] that say `batchFirst`: what lies behind a length counts nothing, may hold anything
   * (NaN too), and gets a gradient of +0.
   */
  lengths?: ArrayLike<number> | undefined;
  /**
   * What the mean divides by, in the place of `weight`. To accumulate gradients over parts of one batch, give each part 1 and
   * divide the accumulated gradients by the sum of the parts' weights. Refused where the reduction is `"sum"`.
   */
  divisor?: number | undefined;
}

/** What every loss returns. */
export interface LossResult {
  /** The loss: in nats for the two on logits. */
  loss: number;
  /**
   * What a mean over this batch divides by: the number of elements that count, or for classes the sum of their weights. The exact
   * mean over batches is Σ loss·weight / Σ weight of their means, or Σ loss / Σ weight of their sums.
   */
  weight: number;
  /** ∂loss/∂prediction, of the prediction's shape, valid until the next forward of the loss (in a frame, until that runs again). */
  gradient: Tensor;
  /** In a frame: the loss as a tensor [1], for `frame.backward`, and for operators that make more of it. */
  tensor?: Tensor;
}

/** What is compared. */
export interface Compared {
  readonly prediction: Tensor;
  readonly target: Tensor;
  /** Whether the loss is one of their difference. */
  readonly symmetric: boolean;
}

/** Where the elements of a comparison lie: rows of D elements, [T,N] or [N,T] of them where there are lengths. */
export interface Comparison {
  readonly rows: number;
  readonly N: number;
  /** Rows of one sequence that lie side by side; 0 where the order is [T,N]. */
  readonly T: number;
  readonly D: number;
  /** Rows that are not padding. */
  readonly counted: number;
  /** Address of the lengths, or 0. */
  readonly lengths: number;
}

/** A criterion: compares a prediction with a target, and says how the prediction should change. */
export abstract class Loss extends Owner {
  readonly dtype: FloatType;
  readonly reduction: "mean" | "sum";
  /** @internal */
  readonly runtime: Runtime;
  protected readonly buffers: Buffers;
  /** Of gradients outside of frames. */
  readonly #arena: Arena;
  readonly #name: string;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #arena in value);
  }

  /** @param options a copy, of `lossOptions` */
  protected constructor(runtime: Runtime, name: string, options: LossOptions) {
    super(name, runtime);
    const { reduction = "mean" } = options;
    this.dtype = dtypeOf(runtime, options);
    this.reduction = checkOneOf("reduction", reduction, ["mean", "sum"]);
    this.runtime = runtime;
    this.buffers = new Buffers(runtime.memory);
    this.#arena = new Arena(runtime.memory, `the next forward of this ${name}`, this);
    this.#name = name;
    this.watch(runtime.memory.orphans, [this.buffers.blocks, this.#arena.blocks]);
  }

  /** @internal What it reads as targets: classes by their numbers, yes or no, numbers, or label sequences of a length of their own. */
  get targets(): "classes" | "sides" | "numbers" | "labels" {
    return "numbers";
  }

  /** @internal Whether a row with this target counts: then it does in the metrics. */
  counts(_target: number): boolean {
    return true;
  }

  /** Compares, and says how the prediction should change. @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} */
  abstract forward(prediction: Tensor, target: Tensor, options?: LossForwardOptions): LossResult;

  /** @internal */
  protected override release(): void {
    this.buffers.dispose();
    this.#arena.dispose();
  }

  protected get kernels() {
    return this.runtime.kernels(this.dtype);
  }

  /** Checks that a tensor may be used here; its address. */
  protected address(argument: string, tensor: Tensor, dtype: FloatType | "i32" = this.dtype): number {
    return checkTensor(argument, tensor, this.runtime, dtype).pointer(argument);
  }

  /**
   * Whether they are batch-first: as the prediction or else the target says; undefined where neither does.
   *
   * @throws {ShapeError} when one says the other than the other
   */
  protected layout(argument: string, prediction: Tensor, target: Tensor): boolean | undefined {
    checkLayout(argument, target, prediction.batchFirst);
    return prediction.batchFirst ?? target.batchFirst;
  }

  /** The options of a forward, checked but for the lengths, which comparison looks at, and others of its own. */
  protected checkForward(options: LossForwardOptions, others: readonly string[] = []): LossForwardOptions {
    const given = checkOptions(options, ["lengths", "divisor", ...others]);
    const { divisor } = given;
    if (divisor === undefined) return given;
    if (this.reduction === "sum") throw new ArgumentError("divisor", 'none, the reduction being "sum"', show(divisor));
    if (!(typeof divisor === "number" && divisor > 0 && Number.isFinite(divisor)))
      throw new ArgumentError("divisor", "a finite number over 0", show(divisor));
    if (!Number.isFinite(inDType(1 / divisor, this.dtype)))
      throw new ArgumentError("divisor", `a number whose inverse is finite in ${this.dtype}`, show(divisor));
    return given;
  }

  /** How a tensor of this shape and layout is walked through. Takes memory where there are lengths. */
  protected comparison(
    argument: string,
    { shape }: Tensor,
    batchFirst: boolean | undefined,
    lengths: ArrayLike<number> | undefined,
  ): Comparison {
    if (lengths === undefined) {
      const rows = shape[0];
      return { rows, N: 1, T: 0, D: shape.reduce((a, b) => a * b, 1) / rows, counted: rows, lengths: 0 };
    }
    if (shape.length < 2) throw new ShapeError(argument, `${sequences(batchFirst)}, there being lengths`, show([...shape]));
    const [T, N] = batchFirst ? [shape[1], shape[0]] : [shape[0], shape[1]];
    const checked = checkLengths("lengths", lengths, N, T);
    const ptr = this.buffers.get("lengths", 4 * N);
    this.runtime.view("i32", ptr, N).set(checked);
    const D = shape.slice(2).reduce((a, b) => a * b, 1);
    return { rows: T * N, N, T: batchFirst ? T : 0, D, counted: checked.reduce((a, b) => a + b, 0), lengths: ptr };
  }

  /**
   * Runs the kernel into the workspace: it gets the address of the gradient and its factor, and returns the sum. A mean over
   * nothing is NaN, as in PyTorch, and the gradient zero.
   */
  protected reduced(
    { prediction, target, symmetric }: Compared,
    weight: number,
    options: LossForwardOptions,
    kernel: (gradient: number, scale: number) => number,
  ): LossResult {
    const divisor = this.reduction === "sum" ? 1 : (options.divisor ?? weight);
    const { runtime, dtype } = this;
    const { scope } = runtime;
    const { shape, batchFirst } = prediction;
    if (!scope) this.#arena.rewind();
    const arena = scope?.arena ?? this.#arena;
    const bytes = prediction.size * bytesPer(dtype);
    const ptr = arena.take(bytes);
    const value = scope ? arena.take(bytesPer(dtype)) : 0;
    const loss = divisor === 0 ? Number.NaN : kernel(ptr, 1 / divisor) / divisor;
    if (divisor === 0) runtime.memory.bytes.fill(0, ptr, ptr + bytes);
    const gradient = new Tensor(runtime, ptr, shape, dtype, arena.lease, batchFirst);
    if (!scope) return { loss, weight, gradient };
    runtime.view(dtype, value, 1)[0] = loss;
    const tensor = new Tensor(runtime, value, [1], dtype, arena.lease);
    const name = this.#name;
    const version = scope.nodes ? gradient.version(name) : 0;
    scope.nodes?.push({
      ...{ name, isLoss: true, inputs: target.dtype === "i32" ? [prediction] : [prediction, target], outputs: [tensor] },
      plan: (gradients) => {
        gradient.checkVersion(name, version);
        this.#plan(gradients, { prediction, target, symmetric }, gradient, tensor);
      },
    });
    return { loss, weight, gradient, tensor };
  }

  /** ∂L/∂prediction = ∂L/∂loss·gradient; where the loss is of their difference, ∂L/∂target = −∂L/∂prediction. */
  #plan(gradients: Gradients, { prediction, target, symmetric }: Compared, gradient: Tensor, tensor: Tensor): void {
    const ptr = gradient.pointer("gradient");
    const wanted = target.dtype !== "i32" && gradients.wants(target);
    if (wanted && !symmetric)
      throw new ArgumentError(
        `${this.#name}: target`,
        "one that no gradient goes to (detach it)",
        "one that leads to parameters, or `inputs`",
      );
    const factor = gradients.isOne(tensor) ? 0 : gradients.of(tensor);
    const scaled = (name: string, sign: number) => {
      const n = prediction.size;
      const x = gradients.slots.get(name, n * bytesPer(this.dtype));
      gradients.run(() => {
        this.runtime.memory.copy(x, ptr, n * bytesPer(this.dtype));
        this.kernels.scale({ x, n, s: sign * (factor ? (this.runtime.view(this.dtype, factor, 1)[0] as number) : 1) });
      });
      return x;
    };
    if (gradients.wants(prediction)) gradients.give(prediction, factor ? scaled("scaled", 1) : ptr);
    if (wanted) gradients.give(target, scaled("of target", -1));
  }
}

/** The options of a constructor: a copy. @throws {ArgumentError} @throws {DisposedError} */
export function lossOptions<Options extends LossOptions>(runtime: Runtime, options: Options, others: readonly string[] = []): Options {
  return checkConstruction(runtime, options, ["reduction", ...others]);
}

/** The shape of padded sequences, as an error names it. */
export function sequences(batchFirst: boolean | undefined, rest = "…"): string {
  return batchFirst ? `[N, T, ${rest}]` : `[T, N, ${rest}]`;
}

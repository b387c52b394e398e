/** A frame: where results live until it runs again, and a recording of how they were made. */
import { checkList, checkOptions, isArray, sameShape, show } from "../checks.js";
import { Owner } from "../dispose.js";
import { ArgumentError, DTypeError, ShapeError, StaleError } from "../errors.js";
import { isTruly } from "../heir.js";
import { checkTensor } from "../layers/doors.js";
import { Runtime } from "../runtime.js";
import { bytesPer, Tensor } from "../tensor.js";
import { Arena } from "./arena.js";
import { Backward } from "./backward.js";
import type { Node, Scope } from "./node.js";

/** Losses, or inputs, of one backward pass: more would be a mistake. */
const MOST = 2 ** 16;

/** A loss as a backward pass takes it: its value as a tensor of the frame, [1]. */
export interface Recorded {
  readonly tensor?: Tensor | undefined;
}

/** Options of a frame's backward pass. */
export interface FrameBackwardOptions {
  /** ∂L/∂result, of result's shape, where what is differentiated is no loss but a tensor of more than one element; of a list, one for each. */
  gradient?: Tensor | readonly Tensor[];
  /** Tensors whose gradients are wanted beside those of parameters: `frame.gradient(tensor)` has them then. */
  inputs?: readonly Tensor[];
}

/**
 * Where results live. All that layers, losses and operators give inside of `run` or `record` lies in the frame, and is valid until the frame
 * runs or records again, or is disposed of; then its use throws `StaleError`, and `clone()` or `toArray()` keeps it. Memory is taken once:
 * the next run takes the same.
 *
 * `record` also notes what was done, so that `backward` gives the gradients: those of parameters add up as ever, and each tensor that was used
 * twice gets the sum. A layer may be called many times in one recording. First derivatives alone: a backward pass is not recorded.
 *
 * @example
 * const frame = new Frame(rt);
 * const loss = frame.record(() => criterion.forward(model.forward(x), y)); // loss.loss is its value
 * frame.backward(loss);
 */
export class Frame extends Owner {
  readonly #runtime: Runtime;
  readonly #arena: Arena;
  /** Of the last recording; null when there is none to go back over. */
  #nodes: Node[] | null = null;
  #gradients: Backward | null = null;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #arena in value);
  }

  /** @throws {ArgumentError} @throws {DisposedError} */
  constructor(runtime: Runtime) {
    super("frame", runtime);
    if (!(runtime instanceof Runtime))
      throw new ArgumentError("runtime", "a Runtime of createRuntime() (of the same entry)", show(runtime));
    runtime.assertAlive();
    this.#runtime = runtime;
    this.#arena = new Arena(runtime.memory, "the next run of its frame", this);
    this.watch(runtime.memory.orphans, [this.#arena.blocks]);
  }

  /**
   * Runs work whose results live here; nothing is noted, so it costs less than `record`.
   *
   * @param work over when it returns: no promise
   * @returns what the work returns; tensors in it are valid until the frame runs or records again
   * @throws {ArgumentError} when the work is no function or returns a promise, or inside of another run or recording of this runtime
   */
  run<R>(work: () => R): R {
    return this.#enter("run", work, null);
  }

  /**
   * The same, noting what is done, for `backward`.
   *
   * @example
   * const y = frame.record(() => dense.forward(x));
   * frame.backward(y, { gradient: dy });
   */
  record<R>(work: () => R): R {
    return this.#enter("record", work, []);
  }

  #enter<R>(name: "run" | "record", work: () => R, nodes: Node[] | null): R {
    this.assertAlive();
    const runtime = this.#runtime;
    if (typeof work !== "function") throw new ArgumentError("work", "a function", show(work));
    if (runtime.scope)
      throw new ArgumentError(`frame.${name}`, "no other run or recording of this runtime under way", "a call inside of one");
    this.#forget();
    this.#arena.rewind();
    const scope: Scope = { arena: this.#arena, nodes };
    runtime.scope = scope;
    try {
      const result = work();
      if (typeof (result as { then?: unknown } | null | undefined)?.then === "function")
        throw new ArgumentError("work", "a function that is over when it returns", "one that returns a promise");
      this.#nodes = nodes;
      return result;
    } catch (error) {
      if (!this.disposed) this.#arena.lease.renew();
      throw error;
    } finally {
      runtime.scope = null;
      if (this.disposed) this.#arena.dispose(); // by the work itself, which went on
    }
  }

  /**
   * Back over the last recording: adds to the gradients of the parameters, of all, or where it throws of none. Once: what was recorded is used
   * up then.
   *
   * @param of a loss; a tensor of one element, such as a sum of losses; a list of losses, for their sum; or with `gradient` any tensor
   * @throws {StaleError} when there is no recording, or it has been gone over; when parameters, or data that it goes over, have changed since
   * @throws {ArgumentError} when nothing that is trained, or asked for, leads to it (of a list, to any); when a list is empty
   * @throws {ShapeError} @throws {DTypeError} @throws {DisposedError} @throws {MemoryError}
   */
  backward(of: Tensor | Recorded | readonly (Tensor | Recorded)[], options: FrameBackwardOptions = {}): void {
    this.assertAlive();
    const { gradient, inputs = [] } = checkOptions(options, ["gradient", "inputs"]);
    const list = isArray(of) ? checkList("of", of, MOST, `an array of at most ${MOST} losses`) : undefined;
    if (list?.length === 0) throw new ArgumentError("of", "at least one tensor or loss", "none");
    const ends = list?.map((end, i) => this.#end(`of[${i}]`, end)) ?? [this.#end("of", of)];
    const gradients = list ? gradientsOf(gradient, list.length) : [gradient as Tensor | undefined];
    const asked = this.#checkInputs(inputs);
    const nodes = this.#nodes;
    if (this.#runtime.scope) throw new ArgumentError("frame.backward", "a call after the recording", "a call inside of one");
    if (!nodes) throw new StaleError("backward: expected a recording of this frame that no backward has gone over, got none");
    const pass = this.#plan(nodes, ends, { gradients, asked });
    this.#nodes = null;
    this.#gradients = pass;
    pass.carryOut();
  }

  /** @throws what its nodes throw: then no memory has been taken */
  #plan(
    nodes: readonly Node[],
    ends: readonly Tensor[],
    { gradients, asked }: { gradients: readonly (Tensor | undefined)[]; asked: Tensor[] },
  ): Backward {
    const giveBack = this.#arena.mark();
    try {
      const pass = new Backward(this.#runtime, this.#arena, nodes, asked);
      if (!ends.some((end) => pass.reaches(end))) {
        const expected = "a result of this recording that leads to parameters that are trained, or to `inputs`";
        throw new ArgumentError("of", expected, "one that does not");
      }
      for (const [i, end] of ends.entries()) this.#seed(pass, end, gradients[i]);
      pass.plan(nodes);
      return pass;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /**
   * ∂L/∂tensor of the last backward pass, of the tensor's shape; zeros where nothing has reached it. Valid as long as results are.
   *
   * @param tensor one of its `inputs`
   * @throws {StaleError} when there was no backward pass @throws {ArgumentError} when it was not asked for
   */
  gradient(tensor: Tensor): Tensor {
    this.assertAlive();
    if (!(tensor instanceof Tensor)) throw new ArgumentError("tensor", "a Tensor", show(tensor));
    if (!this.#gradients) throw new StaleError("gradient: expected a backward pass since the last recording, got none");
    const ptr = this.#gradients.asked(tensor);
    if (!ptr) throw new ArgumentError("tensor", "one of the `inputs` of the last backward pass", "another");
    return new Tensor(this.#runtime, ptr, tensor.shape, tensor.dtype, this.#arena.lease, tensor.batchFirst);
  }

  /** @internal The nodes of the last recording, in their order. */
  get nodes(): readonly Node[] {
    return this.#nodes ?? [];
  }

  /** @internal */
  protected override release(): void {
    this.#forget();
    this.#arena.dispose();
  }

  #forget(): void {
    this.#nodes = null;
    this.#gradients = null;
  }

  /** What a backward pass begins with. */
  #end(argument: string, end: unknown): Tensor {
    const tensor = end instanceof Tensor ? end : (end as Recorded | null | undefined)?.tensor;
    if (!(tensor instanceof Tensor)) throw new ArgumentError(argument, "a Tensor, or a loss of this recording", show(end));
    tensor.pointer(argument);
    if (tensor.home !== this.#runtime || !tensor.livesIn(this.#arena.lease))
      throw new ArgumentError(argument, "a result of this frame", "another");
    if (tensor.dtype === "i32") throw new DTypeError(argument, "f32 or f64", "i32");
    return tensor;
  }

  #checkInputs(inputs: readonly Tensor[]): Tensor[] {
    return checkList("inputs", inputs, MOST, `an array of at most ${MOST} tensors`).map((input, i) => {
      if (!(input instanceof Tensor)) throw new ArgumentError(`inputs[${i}]`, "a Tensor", show(input));
      input.pointer(`inputs[${i}]`);
      if (input.home !== this.#runtime) throw new ArgumentError(`inputs[${i}]`, "a tensor of this runtime", "one of another");
      if (input.dtype === "i32") throw new DTypeError(`inputs[${i}]`, "f32 or f64", "i32");
      return input;
    });
  }

  /** ∂L/∂end: the given one, or 1. */
  #seed(pass: Backward, end: Tensor, gradient: Tensor | undefined): void {
    if (gradient === undefined && end.size > 1) throw new ShapeError("of", "one element, or an option gradient", show([...end.shape]));
    if (gradient === undefined) {
      pass.seed(end);
      return;
    }
    const from = checkTensor("gradient", gradient, this.#runtime, end.dtype).pointer("gradient");
    if (!sameShape(gradient.shape, end.shape)) throw new ShapeError("gradient", show([...end.shape]), show([...gradient.shape]));
    const bytes = end.size * bytesPer(end.dtype);
    const ptr = pass.take(bytes);
    pass.run(() => this.#runtime.memory.copy(ptr, from, bytes));
    pass.give(end, ptr);
  }
}

/** One for each of a list of ends, or none. @throws {ArgumentError} */
function gradientsOf(gradient: unknown, count: number): readonly (Tensor | undefined)[] {
  if (gradient === undefined) return [];
  const list = isArray(gradient) ? checkList("gradient", gradient, MOST, `an array of at most ${MOST} tensors`) : [];
  if (list.length === count) return list as Tensor[];
  throw new ArgumentError("gradient", `an array of ${count}, one for each of the list`, show(gradient));
}

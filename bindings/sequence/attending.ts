/** What all attention layers have in common: a memory that is made once, and queries to it. */
import type { ByName } from "../by-name.js";
import { checkBoolean, checkLengths, checkOptions, show } from "../checks.js";
import { ArgumentError, DTypeError, ShapeError } from "../errors.js";
import { checkLayout } from "../layers/doors.js";
import { Model, type Part } from "../model.js";
import { constantOf } from "../ops/constant.js";
import type { Operand } from "../ops/operands.js";
import { scopeOf } from "../ops/operator.js";
import { finitelyPadded } from "../padding.js";
import { Tensor } from "../tensor.js";
import { type Attended, attend } from "./attend.js";
import { type AttentionForwardOptions, type AttentionInputs, checkRows, inputsOf, lengthsOf } from "./attention-inputs.js";

/** Options of `memory`. */
export interface MemoryOptions {
  /** Steps of each sequence, [N], in 1 … S; what lies behind is padding. Default: all steps. */
  lengths?: ArrayLike<number> | undefined;
  /** What the means are of, [S, N, …]. Default: the source itself. */
  value?: Tensor | undefined;
}

/** Options of `step`. */
export interface AttentionStepOptions {
  /** Which row of the memory each row of the query reads, [N], in 0 … M − 1: several may read one. Default: each its own. */
  rows?: ArrayLike<number> | undefined;
}

/** A memory as the core takes it. */
interface Projected {
  readonly owner: object;
  readonly keys: Tensor;
  readonly values: Tensor;
  readonly lengths: Tensor | undefined;
  readonly steps: number;
  readonly rows: number;
}

/** Out of reach: the kernel trusts them. */
const memories = new WeakMap<object, Projected>();

/** What queries go to: keys and values, projected once for all steps. Made by `memory` of an attention layer; valid as long as its frame's results. */
export class AttentionMemory {
  /** Steps, S, padding counted. */
  get steps(): number {
    return memories.get(this)?.steps ?? 0;
  }

  /** Sequences. */
  get rows(): number {
    return memories.get(this)?.rows ?? 0;
  }
}

/** Attention, whatever the score: `Attention` and `MultiHeadAttention`. Inside of frames alone, as operators. */
export abstract class Attending<Parts extends Record<string, Part> = Record<string, Part>> extends Model<Parts> {
  readonly #batchFirst: boolean;

  /** @internal */
  constructor(runtime: Model["runtime"], parts: Parts, options: { readonly batchFirst: boolean }) {
    super(runtime, parts, options);
    this.#batchFirst = options.batchFirst;
  }

  /** Whether tensors are [N, T, …] in place of [T, N, …]. */
  override get batchFirst(): boolean {
    return this.#batchFirst;
  }

  /**
   * All queries at once: the bits of `step`, step by step.
   *
   * @param x one tensor, which attends to itself; or `{ query, key, value }`
   * @param options lengths: what lies behind may hold anything, NaN too, and gets gradients of 0. causal: no query sees steps after its own
   * @returns output [T, N, …], laid out as the query; weights [N, T, S], of several heads [N, H, T, S]
   * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame, and on options that do not fit
   * @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  override forward(x: Tensor | AttentionInputs | ByName<Tensor>, options: AttentionForwardOptions = {}): Attended & ByName<Tensor> {
    const { lengths, causal = false } = checkOptions(options, ["lengths", "causal"]);
    checkBoolean("causal", causal);
    scopeOf(this.constructor.name, this.runtime);
    const given = inputsOf(x);
    const isSelf = given.query === given.key;
    const { query: ofQuery, key: ofKey } = lengthsOf(lengths, isSelf);
    const [T, N] = this.#sequences("query", given.query, this.querySize);
    const query = this.#finite("lengths.query", given.query, ofQuery);
    const memory = this.#projected(isSelf ? query : given.key, { lengths: ofKey, value: given.value });
    if (causal && T !== memory.steps) throw new ShapeError("query", `${memory.steps} steps, as the key, for causal`, `${T}`);
    if (N !== memory.rows) throw new ShapeError("query", `${memory.rows} sequences, as the key`, `${N}`);
    return this.#attend(query, memory, { causal });
  }

  /**
   * Projects a source once, for many steps: what a decoder attends to.
   *
   * @param source [S, N, keySize], as an encoder's output
   * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame, or when a length is not in 1 … S
   * @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   * @example
   * const memory = attention.memory(encoder.forward(x).output, { lengths });
   * const { output, weights } = attention.step(query, memory); // [N, keySize], [N, S]
   */
  memory(source: Tensor, options: MemoryOptions = {}): AttentionMemory {
    const projected = this.#projected(source, options);
    const memory = new AttentionMemory();
    memories.set(memory, projected);
    return memory;
  }

  #projected(source: Tensor, options: MemoryOptions): Projected {
    const { lengths, value = source } = checkOptions(options, ["lengths", "value"]);
    scopeOf(this.constructor.name, this.runtime);
    const [S, N] = this.#sequences("key", source, this.keySize);
    const [steps, rows] = this.#sequences("value", value, this.valueSize);
    if (steps !== S || rows !== N) throw new ShapeError("value", `${S} steps of ${N} sequences, as the key`, show([...value.shape]));
    const checked = lengths === undefined ? undefined : checkLengths("lengths", lengths, N, S);
    const key = this.projectsKeys ? this.#finite("lengths", source, checked) : source;
    const values = this.projectsValues ? (value === source ? key : this.#finite("lengths", value, checked)) : value;
    const counts = checked?.some((length) => length < S) ? constantOf("attention", source, checked) : undefined;
    return { owner: this, keys: this.keysOf(key), values: this.valuesOf(values), lengths: counts, steps: S, rows: N };
  }

  /**
   * One step of all rows to a memory; or several at once, where they are known.
   *
   * @param query [N, querySize]; of several steps [T, N, querySize]
   * @param options rows: which row of the memory each reads
   * @returns output [N, …]; weights [N, S], of several heads [N, H, S]; of several steps as `forward` gives them
   * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame, or on a memory of another layer
   * @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  step(query: Tensor, memory: AttentionMemory, options: AttentionStepOptions = {}): Attended {
    const { rows } = checkOptions(options, ["rows"]);
    const made = memories.get(memory);
    if (made?.owner !== this)
      throw new ArgumentError("memory", "what memory() of this layer gave", made ? "that of another" : show(memory));
    scopeOf(this.constructor.name, this.runtime);
    checkFloats("query", query);
    const { shape } = query;
    const size = this.querySize;
    if (shape.length === 2 && shape[1] !== size) throw new ShapeError("query", `[N, ${size}]`, show([...shape]));
    const N = shape.length === 2 ? (shape[0] as number) : this.#sequences("query", query, size)[1];
    if (rows === undefined && N !== made.rows) throw new ShapeError("query", `${made.rows} rows, as the memory`, show([...shape]));
    const read = rows === undefined ? undefined : constantOf("attention", query, checkRows(rows, N, made.rows));
    return this.#attend(query, made, { rows: read, causal: false });
  }

  #attend(query: Tensor, { keys, values, lengths }: Projected, how: { rows?: Tensor | undefined; causal: boolean }) {
    const { heads, scale, batchFirst } = this;
    const { rows, causal } = how;
    const { output, weights } = attend({
      ...{ query: this.queriesOf(query), keys, values, vector: this.vector, lengths, rows },
      ...{ heads, scale, causal, batchFirst },
    });
    return { output: this.outputOf(output), weights };
  }

  /** Steps and sequences. */
  #sequences(name: string, x: unknown, size: number): readonly [number, number] {
    checkFloats(name, x);
    const { shape } = x;
    const layout = this.#batchFirst ? "[N, T" : "[T, N";
    if (shape.length !== 3 || shape[2] !== size) throw new ShapeError(name, `${layout}, ${size}]`, show([...shape]));
    checkLayout(name, x, this.#batchFirst);
    const [first, second] = shape as [number, number];
    return this.#batchFirst ? [second, first] : [first, second];
  }

  /** With zeros where padding is not finite: it goes through products, whose gradients would be NaN. */
  #finite(name: string, x: Tensor, lengths: ArrayLike<number> | undefined): Tensor {
    if (lengths === undefined) return x;
    const [T, N] = this.#sequences(name, x, x.shape[2] as number);
    const padded = finitelyPadded(x, checkLengths(name, lengths, N, T), this.#batchFirst);
    const { arena, nodes } = scopeOf(name, this.runtime);
    const copy = padded?.(arena);
    if (!copy) return x;
    nodes?.push({ name: "padding", inputs: [x], outputs: [copy], plan: (gradients) => gradients.give(x, gradients.of(copy)) });
    return copy;
  }

  /** Features of what it reads. */
  abstract readonly querySize: number;
  abstract readonly keySize: number;
  abstract readonly valueSize: number;
  /** @internal undefined: one. */
  abstract readonly heads: number | undefined;
  /** @internal Of the scores. */
  abstract readonly scale: number;
  /** @internal Of additive scores. */
  protected abstract readonly vector: Operand | undefined;
  /** @internal Whether keys and values go through products. */
  protected abstract readonly projectsKeys: boolean;
  /** @internal */
  protected abstract queriesOf(query: Tensor): Tensor;
  /** @internal */
  protected abstract keysOf(key: Tensor): Tensor;

  /** @internal */
  protected get projectsValues(): boolean {
    return false;
  }

  /** @internal */
  protected valuesOf(value: Tensor): Tensor {
    return value;
  }

  /** @internal */
  protected outputOf(context: Tensor): Tensor {
    return context;
  }
}

function checkFloats(name: string, x: unknown): asserts x is Tensor {
  if (!(x instanceof Tensor)) throw new ArgumentError(name, "a Tensor", show(x));
  if (x.dtype === "i32") throw new DTypeError(name, "f32 or f64", x.dtype);
  x.pointer(name);
}

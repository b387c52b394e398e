/** A graph laid out for the shapes of one set of inputs: copies in, steps, results. */

import { put } from "../by-name.js";
import { sameShape, sizeOf } from "../checks.js";
import { Lease } from "../lease.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, type DType, Tensor, type WeightStorage } from "../tensor.js";
import { constantOf } from "./constant.js";
import { dtypeOf, type ElementType } from "./element-types.js";
import type { Graph } from "./graph.js";
import { Layout } from "./layout.js";
import type { Value } from "./operator.js";
import type { Uploads } from "./uploads.js";

/** A tensor for an input, by name. */
export type Feeds = Readonly<Record<string, Tensor>>;

/** An input as it is asked for. */
export interface PlannedInput {
  readonly name: string;
  readonly type: ElementType;
  readonly dtype: DType;
  /** Of the model's own rank. */
  readonly shape: readonly number[];
  /** Where its numbers have to be known: them. */
  readonly numbers: readonly number[] | undefined;
}

export interface PlanOptions {
  readonly opset: number;
  readonly storage: WeightStorage;
  readonly uploads: Uploads;
  readonly owner: object;
}

export class Plan {
  readonly inputs: readonly PlannedInput[];
  readonly #runtime: Runtime;
  readonly #layout: Layout;
  readonly #own = new Map<string, Tensor>();
  readonly #outputs: readonly (readonly [string, Value, Tensor])[];
  readonly #lease: Lease;

  /** @throws {FormatError} @throws {ShapeError} @throws {MemoryError} @throws {NumbersNeeded} */
  constructor(runtime: Runtime, graph: Graph, inputs: readonly PlannedInput[], feeds: Feeds, { owner, ...options }: PlanOptions) {
    this.#runtime = runtime;
    this.inputs = inputs;
    this.#lease = new Lease("the next run of its session", owner);
    const layout = new Layout(runtime, options);
    this.#layout = layout;
    try {
      const given = new Map(inputs.map((input) => [input.name, this.#input(input, feeds)]));
      const values = layout.run(graph, given);
      this.#outputs = graph.outputs.map(({ name }, i) => [name, values[i] as Value, this.#result(values[i] as Value)] as const);
      layout.repeat(); // takes what the next run would take
    } catch (error) {
      layout.dispose();
      throw error;
    }
  }

  #input({ name, type, shape, numbers }: PlannedInput, feeds: Feeds): Value {
    if (numbers) return { type, shape, constant: constantOf(type, shape, numbers) };
    const tensor = this.#layout.empty(type, shape);
    this.#layout.keep(tensor);
    tensor.set((feeds[name] as Tensor).toArray());
    this.#own.set(name, tensor);
    return { type, shape, tensor, ...(sizeOf(shape) <= (dtypeOf(type) === "i32" ? MOST_NUMBERS : 1) && { origins: new Set([name]) }) };
  }

  /** In memory of its own, where nobody's writing reaches what the next run reads. */
  #result(value: Value): Tensor {
    if (sizeOf(value.shape) === 0 && !value.tensor) return this.#layout.empty(value.type, value.shape);
    const from = this.#layout.tensor(value);
    const isOwn = value.tensor && !value.isFixed && ![...this.#own.values()].includes(from);
    if (isOwn) return from;
    const to = this.#layout.empty(value.type, value.shape);
    this.#layout.keep(to);
    const bytes = from.size * bytesPer(from.dtype);
    this.#layout.step(() => this.#runtime.memory.copy(to.pointer(), from.pointer(), bytes));
    return to;
  }

  /** Whether these are tensors that it is laid out for: asked at every run, so without garbage. */
  takes(feeds: Feeds): boolean {
    for (const { name, shape, dtype, numbers } of this.inputs) {
      const tensor: unknown = feeds[name];
      if (!(tensor instanceof Tensor) || tensor.home !== this.#runtime || tensor.dtype !== dtype) return false;
      if (!sameShape(shape, tensor.shape) && !(shape.length === 0 && sameShape(tensor.shape, ONE))) return false;
      if (numbers) for (let i = 0; i < numbers.length; i++) if (tensor.at(i) !== numbers[i]) return false;
    }
    return Object.keys(feeds).length === this.inputs.length;
  }

  /** Whether it is laid out for these. */
  fits(inputs: readonly PlannedInput[]): boolean {
    return this.inputs.every(({ shape, numbers }, i) => {
      const other = inputs[i] as PlannedInput;
      return sameShape(shape, other.shape) && (numbers === undefined || String(numbers) === String(other.numbers));
    });
  }

  /** @param isFresh whether laying it out has just computed the results */
  run(feeds: Feeds, isFresh: boolean): Record<string, Tensor> {
    const { memory } = this.#runtime;
    if (!isFresh) {
      for (const [name, own] of this.#own)
        memory.copy(own.pointer(), (feeds[name] as Tensor).pointer(`feeds.${name}`), own.size * bytesPer(own.dtype));
      this.#layout.repeat();
    }
    this.#lease.renew(); // only now: what it gave the last time may be what it is fed
    const results: Record<string, Tensor> = {};
    for (const [name, { shape }, tensor] of this.#outputs)
      put(results, name, new Tensor(this.#runtime, tensor.pointer(), shape, tensor.dtype, this.#lease));
    return results;
  }

  /** Results are stale from now on. */
  renew(): void {
    this.#lease.renew();
  }

  dispose(): void {
    this.#lease.ended = true;
    this.#layout.dispose();
  }
}

const ONE = [1];

/** An input of more integers is data, and no shape; of more real numbers than one, too. */
const MOST_NUMBERS = 64;

/** Gathers a plan layer by layer, the weights that go with it, and all that this package cannot do. */
import { sameShape, show } from "../checks.js";
import type { GraphPlan, PartPlan, PlanOptions, PlanShape, Step } from "./plan.js";

/** Undefined where it is not known. */
export type Shape = PlanShape | undefined;

/** What a step gives. */
export interface Value {
  readonly id: string;
  readonly shape: Shape;
  /** The call that masks steps of it, by its id: each has a mask of its own, though the layer may be the same. */
  readonly mask?: string | undefined;
}

/** An array of a file. */
export interface Weight {
  /** The last part of its name, such as "kernel"; a number where the file has no names. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Arrays of each layer, in Keras' order, by the layer's name. */
export type WeightsByLayer = ReadonlyMap<string, readonly Weight[]>;

/** A layer of a file. */
export interface LayerConfig {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** An array of a layer, as its config says it: null is what the file may choose. */
export type Expected = readonly [name: string, shape: readonly (number | null)[]];

/** What ends a layer: it is noted, and the next is read. */
export class Refusal extends Error {}

export class Builder {
  readonly problems: string[] = [];
  readonly values: { part: string; parameter: string; data: ArrayLike<number> }[] = [];
  /** Major version of the Keras that wrote the file; 2 for TensorFlow.js. */
  readonly major: number;
  readonly #weights: WeightsByLayer;
  readonly #parts = new Map<string, PartPlan>();
  readonly #steps: Step[] = [];
  readonly #shapes: [string, PlanShape][] = [];

  constructor(weights: WeightsByLayer, major: number) {
    this.#weights = weights;
    this.major = major;
  }

  /** Notes what is not supported, and goes on. */
  problem({ name, className }: LayerConfig, reason: string): void {
    this.problems.push(`${show(name).slice(1, -1)} (${show(className).slice(1, -1)}): ${reason}`);
  }

  /** Whether a part is there: a layer that is called again has its own already. */
  has(part: string): boolean {
    return this.#parts.has(part);
  }

  /** The arrays of a layer, as many as expected and of these shapes. @throws {Refusal} */
  weightsOf(layer: LayerConfig, expected: readonly Expected[]): Weight[] {
    const found = this.#weights.get(layer.name) ?? [];
    const names = (list: readonly string[]) => (list.length > 0 ? list.join(", ") : "none");
    if (found.length !== expected.length)
      throw new Refusal(`expected the weights ${names(expected.map(([name]) => name))}, got ${names(found.map(({ name }) => name))}`);
    return found.map((weight, i) => {
      const [name, shape] = expected[i] as Expected;
      const fits = weight.shape.length === shape.length && shape.every((size, d) => size === null || size === weight.shape[d]);
      const isNamed = !/^\d+$/.test(weight.name);
      if (isNamed && weight.name !== name) throw new Refusal(`expected the weight ${name}, got ${show(weight.name)}`);
      const text = `[${shape.map((size) => size ?? "*").join(", ")}]`;
      if (!fits) throw new Refusal(`expected ${name} ${text}, got ${show(weight.shape)}`);
      if (weight.shape.includes(0)) throw new Refusal(`expected ${name} with elements, got ${show(weight.shape)}`);
      return weight;
    });
  }

  /** How many arrays the file has of a layer. */
  count({ name }: LayerConfig): number {
    return this.#weights.get(name)?.length ?? 0;
  }

  /** The shape of one of them. */
  shapeOf({ name }: LayerConfig, place: number): readonly number[] | undefined {
    return this.#weights.get(name)?.[place]?.shape;
  }

  /** Adds a part with its values. */
  part(name: string, type: string, options: PlanOptions, values: Readonly<Record<string, ArrayLike<number>>> = {}): string {
    if (name === "__proto__" || name === "") throw new Refusal("expected another name");
    if (this.#parts.has(name)) throw new Refusal(`expected a name of its own, got that of another part, ${show(name)}`);
    this.#parts.set(name, { type, options });
    for (const [parameter, data] of Object.entries(values)) this.values.push({ part: name, parameter, data });
    return name;
  }

  /** A call of a part. */
  call(part: string, x: Value, shape: Shape, take?: "state"): Value {
    return this.#step({ id: this.#idOf(part), from: [x.id], part, ...(take && { take }) }, shape);
  }

  /** A call of an operation. */
  op(name: string, op: string, from: readonly Value[], shape: Shape, options: PlanOptions = {}, uses: readonly string[] = []): Value {
    return this.#step({ id: this.#idOf(name), from: from.map(({ id }) => id), op, options, uses }, shape);
  }

  /** The whole of it. */
  plan(inputs: readonly Value[], outputs: readonly (readonly [string, Value])[]): GraphPlan {
    const ofInputs = inputs.flatMap(({ id, shape }): [string, PlanShape][] => (shape ? [[id, shape]] : []));
    return {
      parts: [...this.#parts],
      inputs: inputs.map(({ id }) => id),
      outputs: outputs.map(([name, { id }]) => [name, id] as const),
      steps: this.#steps,
      shapes: Object.fromEntries([...ofInputs, ...this.#shapes]),
    };
  }

  #idOf(name: string): string {
    return `${name}#${this.#steps.length}`;
  }

  #step(step: Step, shape: Shape): Value {
    this.#steps.push(step);
    if (shape) this.#shapes.push([step.id, shape]);
    return { id: step.id, shape };
  }
}

/** The last axis of a value, which must be this where it is known. @throws {Refusal} */
export function checkWidth({ shape }: Value, width: number): void {
  const got = shape?.at(-1);
  if (got !== undefined && got !== null && got !== width) throw new Refusal(`expected weights for ${got} features, got those for ${width}`);
}

/** The layer of a call, for messages. */
export function layerOfCall(id: string): string {
  return id.slice(0, id.lastIndexOf("#"));
}

/** How many axes a value must have, where it is known. @throws {Refusal} */
export function checkRank({ shape }: Value, rank: number, expected: string): void {
  if (shape && shape.length !== rank) throw new Refusal(`expected ${expected}, got [${shape.map((size) => size ?? "*").join(", ")}]`);
}

/** One shape of two, where they agree. */
export function sameAs(values: readonly Value[]): Shape {
  const [first] = values;
  const same = values.every(({ shape }) => shape && first?.shape && sameShape(shape as number[], first.shape as number[]));
  return same ? first?.shape : undefined;
}

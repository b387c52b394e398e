/** A model of Keras as a graph of layers and operators. */
import { type ByName, isPlain } from "../by-name.js";
import { checkOptions, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { ParameterTensor } from "../layers/parameter-tensor.js";
import type { Config } from "../layers/parametric.js";
import { MaxPool, MeanPool } from "../layers/pool.js";
import { Model, type ModelForwardOptions, type ModelForwardOptionsByName, type Part } from "../model.js";
import type { Operand } from "../ops/operands.js";
import type { Runtime } from "../runtime.js";
import { Tensor } from "../tensor.js";
import { unmasked } from "./masks.js";
import { batchFirst, OPERATIONS, type Operation } from "./operations.js";
import { checkPlan, MASK, makeParts } from "./parts.js";
import type { GraphPlan, Step } from "./plan.js";

type Lengths = ArrayLike<number> | undefined;

/** What a step gives, and where each of its sequences ends. */
interface Value {
  readonly tensor: Tensor;
  readonly lengths: Lengths;
}

interface Runnable {
  readonly takesLengths?: boolean;
  forward(x: Tensor, options?: object): Tensor | { readonly output: Tensor; readonly state: { readonly h: Tensor } };
}

/**
 * A model that `loadKeras` or `loadTFJS` has made, where it is more than layers of this package one after another. Inputs are as in Keras, the
 * batch first: [N, T, I], tokens [N, T]; several inputs, and several outputs, come by their names. It works with operators: `forward` inside of
 * `frame.run()` or `frame.record()`, or by `predict`, `evaluate` and `fit`. `save()` keeps what it is: `loadModel(rt, bytes, { classes: { KerasModel } })`.
 *
 * @example
 * const model = await loadTFJS(rt, json, weights);
 * const [{ data }] = await predict(model, [samples]);
 */
export class KerasModel extends Model {
  /** @internal */
  static override readonly mayBeEmpty: boolean = true;
  readonly #plan: GraphPlan;

  /** @param plan as a file of `save()` has it @throws {FormatError} @throws {ArgumentError} @throws {MemoryError} */
  constructor(runtime: Runtime, plan: object) {
    const checked = checkPlan(plan);
    const parts = makeParts(runtime, checked.parts);
    try {
      super(runtime, parts, plan);
    } catch (error) {
      for (const part of Object.values(parts)) part.dispose();
      throw error;
    }
    this.#plan = checked;
  }

  /** [N, T, …], as in Keras. */
  override get batchFirst(): boolean {
    return true;
  }

  /** @internal By a constant: a bundler may shorten the class's name. */
  override config(): Config {
    return { ...super.config(), type: "KerasModel" };
  }

  /** Names of the inputs, in the file's order. */
  get inputs(): readonly string[] {
    return this.#plan.inputs;
  }

  /** What it is made of, as plain data: its layers, and the steps that go through them. */
  get plan(): GraphPlan {
    return this.#plan;
  }

  /**
   * @param x the input, [N, T, I] or as the file says, or several by name
   * @param options lengths: steps of each of the N sequences; the layers that go over time heed them
   * @returns the output, or several by name; valid until the frame runs again
   * @throws {ArgumentError} outside of a frame; when an input is missing; when there are lengths, and a layer would read the padding
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  forward(x: Tensor, options?: ModelForwardOptions): Tensor;
  forward(x: ByName<Tensor>, options?: ModelForwardOptionsByName): Tensor | ByName<Tensor>;
  forward(x: Tensor | ByName<Tensor>, options: ModelForwardOptions | ModelForwardOptionsByName = {}): Tensor | ByName<Tensor> {
    const { lengths } = checkOptions(options, ["lengths"]);
    const values = new Map(this.#inputs(x, lengths));
    for (const step of this.#plan.steps) {
      const inputs = step.from.map((id) => values.get(id) as Value);
      values.set(step.id, step.part === undefined ? this.#operate(step, inputs) : this.#call(step, inputs[0] as Value));
    }
    const outputs = this.#plan.outputs.map(([name, id]) => [name, (values.get(id) as Value).tensor] as const);
    return outputs.length === 1 ? (outputs[0] as (typeof outputs)[number])[1] : Object.fromEntries(outputs);
  }

  #inputs(x: Tensor | ByName<Tensor>, lengths: unknown): [string, Value][] {
    const { inputs } = this.#plan;
    if (x instanceof Tensor && inputs.length === 1) return [[inputs[0] as string, { tensor: x, lengths: lengths as Lengths }]];
    if (x instanceof Tensor || !isPlain(x)) throw new ArgumentError("x", `tensors by name: ${inputs.join(", ")}`, show(x));
    const given = checkOptions(x, inputs, "x");
    const ends = lengths === undefined ? {} : checkOptions(lengths as Record<string, Lengths>, inputs, "lengths");
    return inputs.map((name) => {
      const tensor = given[name];
      if (!(tensor instanceof Tensor)) throw new ArgumentError(`x.${name}`, "a Tensor", show(tensor));
      return [name, { tensor, lengths: ends[name] }];
    });
  }

  #call({ part = "", take }: Step, { tensor, lengths }: Value): Value {
    const layer = this.layers[part] as Part & Runnable;
    const x = layer instanceof MeanPool || layer instanceof MaxPool ? batchFirst(tensor) : tensor;
    const done = lengths !== undefined && layer.takesLengths ? layer.forward(x, { lengths }) : layer.forward(x);
    if (done instanceof Tensor) return { tensor: done, lengths: done.shape.length < x.shape.length ? undefined : lengths };
    return take === "state" ? { tensor: done.state.h, lengths: undefined } : { tensor: done.output, lengths };
  }

  #operate({ id, op = "", options = {}, uses = [] }: Step, inputs: readonly Value[]): Value {
    const lengths = inputs.find((input) => input.lengths !== undefined)?.lengths;
    if (op === MASK) return unmasked((inputs[0] as Value).tensor, lengths, options);
    const { run, stepwise } = OPERATIONS[op] as Operation;
    if (lengths !== undefined && !stepwise?.(options)) throw new ArgumentError("lengths", `none, ${id} reading the padding`, show(lengths));
    const parameters = uses.map((name): Operand => this.layers[name] as ParameterTensor);
    const tensors = inputs.map(({ tensor }) => tensor);
    return { tensor: run(tensors, options, parameters), lengths };
  }
}

/** A config and its weights as a model of ours. */
import { show } from "../checks.js";
import { FormatError } from "../errors.js";
import type { Model } from "../model.js";
import { loadOperators } from "../ops/load.js";
import { type Parameter, undrawn } from "../parameters.js";
import type { Runtime } from "../runtime.js";
import { Sequential } from "../sequential.js";
import { Builder, layerOfCall, Refusal, type Value, type WeightsByLayer } from "./builder.js";
import { KerasModel } from "./keras-model.js";
import { maskAfter } from "./masks.js";
import { makeParts, needsOperators, ofFile } from "./parts.js";
import type { GraphPlan } from "./plan.js";
import { LAYERS, MERGING } from "./registry.js";
import { type CallPlace, type LayerNode, NOT_EQUAL, readTopology, type Topology } from "./topology.js";

/** Problems that a message lists. */
const MOST_LISTED = 50;

/** Where a layer is in the course of being read. */
const UNDER_WAY = Symbol("under way");

/** Walks from the outputs back, so that each layer comes after what it reads. */
class Walk {
  readonly #topology: Topology;
  readonly #builder: Builder;
  readonly #values = new Map<string, Value | typeof UNDER_WAY>();
  readonly #inputs = new Set<string>();
  /** Which tokens each mask is made of. */
  readonly #tokens = new Map<string, CallPlace | undefined>();

  constructor(topology: Topology, builder: Builder) {
    this.#topology = topology;
    this.#builder = builder;
    for (const { layer } of topology.inputs) this.#inputs.add(layer);
  }

  /** @throws {FormatError} when the graph does not hold together */
  value({ layer: name, call }: CallPlace): Value {
    const key = `${call} ${name}`;
    const known = this.#values.get(key);
    if (known === UNDER_WAY) throw new FormatError(`keras: expected a graph without circles, got one through ${show(name)}`);
    if (known) return known;
    const layer = this.#topology.layers.get(name);
    const reads = layer?.calls[call];
    if (!layer || !reads) throw new FormatError(`keras: expected the call ${call} of a layer ${show(name)}, got none`);
    this.#values.set(key, UNDER_WAY);
    const inputs = reads.map((place) => this.value(place));
    const value = this.#added(layer, inputs);
    if (layer.className === "Embedding" && value.mask !== undefined) this.#tokens.set(value.mask, reads[0]);
    const given = layer.masks[call];
    if (given && !this.#isMask(given, inputs)) this.#builder.problem(layer, "mask: expected the one of its input, got another");
    this.#values.set(key, value);
    return value;
  }

  /** Whether it is what the input carries anyway. */
  #isMask({ layer, call }: CallPlace, [input]: readonly Value[]): boolean {
    const maker = this.#topology.layers.get(layer);
    const made = maker?.className === NOT_EQUAL ? maker.calls[call]?.[0] : undefined;
    const own = this.#tokens.get(input?.mask ?? "");
    return made !== undefined && own !== undefined && made.layer === own.layer && made.call === own.call;
  }

  #added(layer: LayerNode, inputs: readonly Value[]): Value {
    if (layer.className === "InputLayer") {
      if (!this.#inputs.has(layer.name)) this.#builder.problem(layer, "is not among the inputs");
      return { id: layer.name, shape: layer.shape };
    }
    const unknown: Value = { id: layer.name, shape: undefined };
    const add = LAYERS.get(layer.className);
    try {
      if (!add) throw new Refusal("this class of layer is not supported");
      if (inputs.length === 0) throw new Refusal("expected an input, got none");
      if (inputs.length > 1 && !MERGING.has(layer.className))
        throw new Refusal(`expected one input, got ${inputs.length} (a state from another layer is not supported)`);
      const value = add(layer, inputs, this.#builder);
      return { ...value, mask: maskAfter(layer, inputs, value) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#builder.problem(layer, error.message);
      return unknown;
    }
  }
}

/** Whether it is layers of ours one after another, which say how batches lie. */
function isChain({ steps, inputs, outputs, parts }: GraphPlan): boolean {
  const chained = steps.every(({ part, from, take }, i) => part !== undefined && !take && from[0] === (steps[i - 1]?.id ?? inputs[0]));
  const once = new Set(steps.map(({ part }) => part)).size === steps.length;
  const saysLayout = parts.some(([, { options }]) => options.batchFirst === true);
  return (
    steps.length > 0 && inputs.length === 1 && outputs.length === 1 && chained && once && saysLayout && outputs[0]?.[1] === steps.at(-1)?.id
  );
}

/**
 * Makes the model: nothing of it is left where that fails.
 *
 * @param model { class_name, config }
 * @param weights of each layer by its name, for the layers of the config
 * @param major version of the Keras that wrote it
 * @throws {FormatError} that lists all that is not supported
 */
export async function convert(
  runtime: Runtime,
  model: unknown,
  { weights, major }: { weights: WeightsByLayer; major: number },
): Promise<Model> {
  const { plan, values } = planOf(model, weights, major);
  const chain = isChain(plan);
  if (!chain || plan.parts.some(([, part]) => needsOperators(part))) await loadOperators(runtime);
  runtime.assertAlive();
  const made = ofFile("the model", () => undrawn(() => (chain ? sequentialOf(runtime, plan) : new KerasModel(runtime, plan))));
  try {
    const parameters = new Map(made.namedParameters());
    for (const { part, parameter, data } of values) {
      const own = parameters.get(parameter === "value" ? part : `${part}.${parameter}`) as Parameter;
      ofFile(part, () => own.set(data));
    }
    return made.eval();
  } catch (error) {
    made.dispose();
    throw error;
  }
}

function sequentialOf(runtime: Runtime, { parts }: GraphPlan): Sequential {
  const made = makeParts(runtime, parts);
  try {
    return new Sequential(runtime, made);
  } catch (error) {
    for (const part of Object.values(made)) part.dispose();
    throw error;
  }
}

function planOf(model: unknown, weights: WeightsByLayer, major: number): { plan: GraphPlan; values: Builder["values"] } {
  const topology = readTopology(model);
  const builder = new Builder(weights, major);
  const walk = new Walk(topology, builder);
  const inputs = topology.inputs.map((place) => walk.value(place));
  const outputs = topology.outputs.map((place): [string, Value] => [place.layer, walk.value(place)]);
  if (new Set(inputs.map(({ id }) => id)).size < inputs.length || new Set(outputs.map(([name]) => name)).size < outputs.length)
    throw new FormatError("keras: expected each input and output once, got one twice");
  for (const [name, { mask }] of outputs)
    if (mask !== undefined)
      builder.problem(topology.layers.get(name) as LayerNode, `is an output with masked steps, of ${show(layerOfCall(mask))}`);
  const { problems } = builder;
  if (problems.length > 0) {
    const listed = problems.slice(0, MOST_LISTED).map((problem) => `\n- ${problem}`);
    const more = problems.length > MOST_LISTED ? `\n- and ${problems.length - MOST_LISTED} more` : "";
    throw new FormatError(`keras: expected layers that are supported, got ${problems.length} that are not:${listed.join("")}${more}`);
  }
  return { plan: builder.plan(inputs, outputs), values: builder.values };
}

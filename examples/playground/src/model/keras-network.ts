/** A graph of Keras' layers, drawn and run as it is: it has no file of ONNX. */
import { Frame, type Runtime, type Tensor } from "wasm-rnn";
import { type GraphPlan, KerasModel, type PlanOptions, type Step } from "wasm-rnn/keras";
import type { GraphNode, Network, Port, Shape } from "./opened";
import type { Session } from "./running";
import { short } from "./words";

type ByName<Value> = Readonly<Record<string, Value>>;

/** Names of the sizes that are free; of pictures and the like there are more. */
const FREE = ["N", "T"];

export function networkOfPlan(plan: GraphPlan): Network {
  const { inputs, outputs, steps } = plan;
  const nameOf = namesOf(plan);
  const isInput = new Set(inputs);
  const shapes = new Map(Object.entries(plan.shapes ?? {}).map(([id, sizes]) => [nameOf(id), named(sizes, isInput.has(id))] as const));
  const port = (name: string): Port => {
    const isInteger = isTokens(plan, name);
    return { name, type: isInteger ? "int32" : "float32", isInteger, shape: shapes.get(name) };
  };
  return {
    inputs: inputs.map(port),
    outputs: outputs.map(([name]) => port(name)),
    nodes: steps.map((step) => nodeOf(plan, step, nameOf)),
    ...{ shapes, constants: new Set() },
  };
}

export function kerasSession(rt: Runtime, model: KerasModel): Session {
  const frame = new Frame(rt);
  const { inputs, outputs } = networkOfPlan(model.plan);
  const call = (own: KerasModel, given: ByName<Tensor>) => {
    const only = inputs.length === 1 ? given[inputs[0]?.name ?? ""] : undefined;
    return only ? own.forward(only) : own.forward({ ...given });
  };
  return {
    inputs: inputs.map(({ name, isInteger }) => ({ name, dtype: isInteger ? "i32" : "f32" })),
    outputs,
    shapes: (given) => allShapes(rt, model, (own) => call(own, given)),
    runSync(given) {
      const y = frame.run(() => call(model, given));
      return outputs.length === 1 ? { [outputs[0]?.name ?? ""]: y as Tensor } : (y as Record<string, Tensor>);
    },
  };
}

/** Of values: an output has a name of its own. */
function namesOf({ outputs }: GraphPlan): (id: string) => string {
  const names = new Map(outputs.map(([name, id]) => [id, name]));
  return (id) => names.get(id) ?? id;
}

/** @param isInput else only the first size that is free is known by its name: the batch's */
function named(sizes: readonly (number | null)[], isInput: boolean): Shape {
  const first = sizes.indexOf(null);
  return sizes.map((size, axis) => size ?? (isInput ? FREE[axis] : axis === first ? FREE[0] : undefined) ?? "");
}

/** Of all values, for these inputs: those of a model that is the same, and gives all that is between. */
function allShapes(rt: Runtime, { plan }: KerasModel, run: (model: KerasModel) => Tensor | ByName<Tensor>): Map<string, readonly number[]> {
  const nameOf = namesOf(plan);
  using frame = new Frame(rt);
  using whole = new KerasModel(rt, { ...plan, outputs: plan.steps.map(({ id }) => [id, id]) }).eval();
  return frame.run(() => {
    const values = run(whole);
    const [only] = plan.steps;
    const named = plan.steps.length === 1 && only ? [[only.id, values as Tensor] as const] : Object.entries(values as ByName<Tensor>);
    return new Map(named.map(([id, { shape }]) => [nameOf(id), shape]));
  });
}

/** Whether an Embedding reads it, as it is or masked. */
function isTokens({ steps, parts }: GraphPlan, name: string): boolean {
  const embeddings = new Set(parts.filter(([, { type }]) => type === "Embedding").map(([part]) => part));
  const masked = steps.filter(({ op, from }) => op === "mask" && from.includes(name)).map(({ id }) => id);
  return steps.some(({ from, part }) => part !== undefined && embeddings.has(part) && [name, ...masked].some((id) => from.includes(id)));
}

function nodeOf({ parts }: GraphPlan, { id, from, part, op = "", options = {}, take }: Step, nameOf: (id: string) => string): GraphNode {
  const own = parts.find(([name]) => name === part)?.[1];
  const name = id.slice(0, id.lastIndexOf("#"));
  const type = own?.type ?? op.replace(/^./, (letter) => letter.toUpperCase());
  return {
    ...{ name, op: type, label: `${name} (${type})`, inputs: from.map(nameOf), outputs: [nameOf(id)], captured: [], fault: undefined },
    attributes: { ...texts(own?.options ?? options), ...(take && { gives: "its last state" }) },
  };
}

function texts(options: PlanOptions): Record<string, string> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [short(name), short(JSON.stringify(value) ?? "")]));
}

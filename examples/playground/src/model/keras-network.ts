/** A graph of Keras' layers, drawn and run as it is: it has no file of ONNX. */
import { Frame, type Runtime, type Tensor } from "wasm-rnn";
import type { GraphPlan, KerasModel, PlanOptions, Step } from "wasm-rnn/keras";
import type { GraphNode, Network, Port, Shape } from "./opened";
import type { Session } from "./running";
import { short } from "./words";

/** Names of the sizes that are free; of pictures and the like there are more. */
const FREE = ["N", "T"];

export function networkOfPlan(plan: GraphPlan): Network {
  const { inputs, outputs, steps } = plan;
  const nameOf = namesOf(plan);
  const shapes = new Map(Object.entries(plan.shapes ?? {}).map(([id, sizes]) => [nameOf(id), named(sizes)] as const));
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
  return {
    inputs: inputs.map(({ name, isInteger }) => ({ name, dtype: isInteger ? "i32" : "f32" })),
    outputs,
    runSync(given) {
      const [only, ...more] = inputs;
      const x = only && more.length === 0 ? given[only.name] : undefined;
      const y = frame.run(() => (x ? model.forward(x) : model.forward({ ...given })));
      return outputs.length === 1 ? { [outputs[0]?.name ?? ""]: y as Tensor } : (y as Record<string, Tensor>);
    },
  };
}

/** Of values: an output has a name of its own. */
function namesOf({ outputs }: GraphPlan): (id: string) => string {
  const names = new Map(outputs.map(([name, id]) => [id, name]));
  return (id) => names.get(id) ?? id;
}

function named(sizes: readonly (number | null)[]): Shape {
  return sizes.map((size, axis) => size ?? FREE[axis] ?? "");
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
    ...{ name, op: type, label: `${name} (${type})`, inputs: from.map(nameOf), outputs: [nameOf(id)], fault: undefined },
    attributes: { ...texts(own?.options ?? options), ...(take && { gives: "its last state" }) },
  };
}

function texts(options: PlanOptions): Record<string, string> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [short(name), short(JSON.stringify(value) ?? "")]));
}

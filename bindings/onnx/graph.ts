/** A graph that is sound: every name is given once, before it is used. */
import { FormatError } from "../errors.js";
import type { Constant } from "./constant.js";
import { OnnxNode, readConstant } from "./node.js";
import type { ProtoGraph } from "./proto.js";
import type { ProtoValue } from "./proto-values.js";

export interface Graph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, Constant>;
  /** Without those that have constants of their names. */
  readonly inputs: readonly ProtoValue[];
  readonly outputs: readonly ProtoValue[];
}

/** @param outer whether a name is known around it @throws {FormatError} */
export function readGraph(proto: ProtoGraph, outer: (name: string) => boolean = () => false): Graph {
  if (proto.hasSparse) throw new FormatError("onnx: expected dense tensors, got sparse initializers");
  const constants = new Map<string, Constant>();
  const known = new Set<string>();
  const give = (name: string, where: string) => {
    if (known.has(name) || outer(name))
      throw new FormatError(`onnx: ${where}: expected a name of its own, got ${name.slice(0, 200)} again`);
    known.add(name);
  };
  for (const tensor of proto.initializers) {
    give(tensor.name, "an initializer");
    constants.set(tensor.name, readConstant(tensor.name.slice(0, 200), tensor));
  }
  const inputs = proto.inputs.filter(({ name }) => !constants.has(name));
  for (const { name } of inputs) give(name, "an input");
  const nodes = proto.nodes.map((node) => new OnnxNode(node));
  for (const node of nodes) {
    for (const name of node.inputs) if (name !== "" && !known.has(name) && !outer(name)) throw unknown(node.label, name);
    for (const name of node.outputs) if (name !== "") give(name, node.label);
  }
  for (const { name } of proto.outputs) if (!known.has(name) && !outer(name)) throw unknown("the graph's outputs", name);
  return { nodes, constants, inputs, outputs: proto.outputs };
}

function unknown(where: string, name: string): FormatError {
  return new FormatError(`onnx: ${where}: expected inputs that nodes before it give, got ${JSON.stringify(name.slice(0, 200))}`);
}

const USED = new WeakMap<OnnxNode, readonly string[]>();

/** Each as often as it is read; those that a graph within it takes from around it, too. */
export function usedBy(node: OnnxNode): readonly string[] {
  let used = USED.get(node);
  if (!used) {
    const inner = new Set<string>();
    for (const { g } of node.attributes) if (g) capture(g, inner);
    const inputs = node.inputs.includes("") ? node.inputs.filter((name) => name !== "") : node.inputs;
    used = inner.size > 0 ? [...inputs, ...inner] : inputs;
    USED.set(node, used);
  }
  return used;
}

/** What a graph within a node takes from around it; names of its own among it. */
function capture(proto: ProtoGraph, into: Set<string>): void {
  for (const node of proto.nodes) {
    for (const name of node.inputs) if (name !== "") into.add(name);
    for (const { g } of node.attributes) if (g) capture(g, into);
  }
  for (const { name } of proto.outputs) into.add(name);
}

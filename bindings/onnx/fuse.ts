/** Nodes that are done in one: a product, and what is added to it or applied to it at once. The same numbers, up to rounding. */
import { type Graph, usedBy } from "./graph.js";
import { OnnxNode, type Tail } from "./node.js";

const ACTIVATIONS = ["Relu", "Sigmoid", "Tanh"];
/** What may follow a product, in this order, each once. */
const FOLLOWERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Conv: [["BatchNormalization"], ACTIVATIONS],
  MatMul: [["Add"], ACTIVATIONS],
  Gemm: [ACTIVATIONS],
};

/** The graph with fewer nodes. A value between two of them is gone, so nothing else may read it. */
export function fused(graph: Graph): Graph {
  const readers = readersOf(graph);
  const givenBy = new Map<string, number>();
  const nodes: (OnnxNode | undefined)[] = [];
  for (const node of graph.nodes) {
    const place = node.inputs.findIndex((name) => follows(nodes[givenBy.get(name) ?? -1], node, name) && readers.get(name) === 1);
    const at = givenBy.get(node.inputs[place] ?? "");
    if (place < 0 || at === undefined) nodes.push(node);
    else {
      nodes.push(joined(nodes[at] as OnnxNode, node, place));
      nodes[at] = undefined;
    }
    const own = nodes.at(-1) as OnnxNode;
    if (own.outputs.length === 1) givenBy.set(own.outputs[0] as string, nodes.length - 1);
  }
  return { ...graph, nodes: nodes.filter((node) => node !== undefined) };
}

function follows(head: OnnxNode | undefined, node: OnnxNode, name: string): boolean {
  const stages = head && head.domain === "" && Object.hasOwn(FOLLOWERS, head.op) ? FOLLOWERS[head.op] : undefined;
  if (!head || !stages || node.domain !== "" || node.outputs.length !== 1) return false;
  const last = head.tail.at(-1)?.node.op;
  const done = stages.findIndex((stage) => last !== undefined && stage.includes(last));
  const isNext = stages.some((stage, i) => i > done && stage.includes(node.op));
  return isNext && (node.op === "Add" || node.inputs[0] === name);
}

function joined(head: OnnxNode, node: OnnxNode, place: number): OnnxNode {
  const own = node.inputs.filter((_, i) => i !== place);
  const tail: Tail = { node, first: head.inputs.length, count: own.length, place };
  const { name, op, domain } = head;
  const inputs = [...head.inputs, ...own];
  const proto = { name, op, domain, inputs, outputs: node.outputs, attributes: [...head.attributes] };
  return new OnnxNode(proto, [...head.tail, tail], head.alone);
}

/** How often each name is read, by the graph's outputs too. */
function readersOf(graph: Graph): Map<string, number> {
  const readers = new Map<string, number>();
  const read = (name: string) => readers.set(name, (readers.get(name) ?? 0) + 1);
  for (const node of graph.nodes) usedBy(node).forEach(read);
  for (const { name } of graph.outputs) read(name);
  return readers;
}

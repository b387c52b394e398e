/** What of a graph cannot run here, all at once. */
import type { OnnxNode } from "./node.js";
import { operatorOf } from "./operators.js";
import type { ProtoModel } from "./proto.js";

const [FIRST_OPSET, LAST_OPSET] = [7, 21];

/** What of a model cannot run here, whatever its nodes are. */
export function faultOfModel({ opsets, functions }: ProtoModel): string | undefined {
  const opset = opsets.get("") ?? 0;
  if (opset < FIRST_OPSET || opset > LAST_OPSET) return `expected opset ${FIRST_OPSET} to ${LAST_OPSET}, got ${opset}`;
  return functions > 0 ? "expected a model without functions of its own, got one with" : undefined;
}

/** One for each node that cannot: by its name, with the reason. Branches are looked at when they are taken. */
export function faultsOf(nodes: readonly OnnxNode[], opset: number): string[] {
  const all = nodes.flatMap((node) => [node.alone, ...node.tail.map((tail) => tail.node)]);
  return all.flatMap((node) => {
    const fault = faultOf(node, opset);
    return fault === undefined ? [] : [`${node.label}: ${fault}`];
  });
}

/** Why a node cannot. */
export function faultOf(node: OnnxNode, opset: number): string | undefined {
  if (node.op === "If" && node.domain === "") return undefined;
  const operator = operatorOf(node);
  if (!operator) return "this operator is not known here";
  for (const { name, isForeign } of node.attributes) {
    if (!operator.attributes.includes(name)) return `its attribute ${name.slice(0, 100)} is not known here`;
    if (isForeign) return `its attribute ${name.slice(0, 100)} is of a kind that is not known here`;
  }
  return operator.check?.(node, opset);
}

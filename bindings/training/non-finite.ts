/** Where a number that is not finite came from. */
import type { Node } from "../graph/node.js";
import type { Layer } from "../layers/layer.js";
import type { Tensor } from "../tensor.js";

/** @internal What is looked at: a model's layers by name. */
export interface Inspected {
  namedLayers?(): [string, Layer][];
}

/** @internal What gave the first output that is not finite: a layer by its full name, or an operator by its name and its place in the recording. */
export function firstNonFinite(model: object, nodes: readonly Node[]): string | undefined {
  const names = new Map(((model as Inspected).namedLayers?.() ?? []).map(([name, layer]) => [layer as object, name]));
  const bad = nodes.findIndex(({ outputs }) => !outputs.every(allFinite));
  const node = nodes[bad];
  if (!node || node.isLoss) return undefined;
  return names.get(node.layer ?? node) ?? `${node.name} (call ${bad + 1} of ${nodes.length})`;
}

function allFinite(tensor: Tensor): boolean {
  return tensor.toArray().every(Number.isFinite);
}

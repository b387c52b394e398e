/** Where a number that is not finite came from. */
import type { Layer } from "../layers/layer.js";
import { Tensor } from "../tensor.js";

/** @internal What is looked at: a model's layers by name. */
export interface Inspected {
  namedLayers?(): [string, Layer][];
}

/** @internal Runs a forward pass again and names the first layer whose output is not finite. */
export function firstNonFinite(model: Inspected, forward: () => void): string | undefined {
  const layers = (model.namedLayers?.() ?? []) as unknown as [string, { forward(...args: unknown[]): unknown }][];
  const restore: (() => void)[] = [];
  let found: string | undefined;
  for (const [name, layer] of layers) {
    const original = layer.forward;
    const own = Object.getOwnPropertyDescriptor(layer, "forward");
    layer.forward = (...args) => {
      const result = original.apply(layer, args);
      found ??= tensorsOf(result).every(allFinite) ? undefined : name;
      return result;
    };
    restore.push(() => {
      if (own) Object.defineProperty(layer, "forward", own);
      else Reflect.deleteProperty(layer, "forward"); // the class's own again
    });
  }
  try {
    forward();
  } finally {
    for (const put of restore) put();
  }
  return found;
}

function tensorsOf(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  const { output } = (result ?? {}) as { output?: unknown };
  return output instanceof Tensor ? [output] : [];
}

function allFinite(tensor: Tensor): boolean {
  return tensor.toArray().every(Number.isFinite);
}

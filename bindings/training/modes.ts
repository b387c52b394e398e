/** Training or use: whoever changes the mode of a model puts it back. */
import type { Tensor, TypedArray } from "../tensor.js";

/** @internal A layer, as far as modes go. */
interface HasMode {
  readonly training: boolean;
  train(): unknown;
  eval(): unknown;
}

/** @internal A model whose modes can be changed; what it does not show is not known. */
export interface Switchable {
  readonly training?: unknown;
  train(): unknown;
  eval(): unknown;
  namedLayers?(): [string, HasMode][];
  namedBuffers?(): [string, Tensor][];
}

/**
 * @internal Notes the mode of a model and of every layer.
 * @returns puts them back; undefined for a model that shows neither
 */
export function modesOf(model: Switchable): (() => void) | undefined {
  const layers = (model.namedLayers?.() ?? []).map(([, layer]) => ({ layer, training: layer.training }));
  const whole = typeof model.training === "boolean" ? model.training : layers.some(({ training }) => training);
  if (layers.length === 0 && typeof model.training !== "boolean") return undefined;
  return () => {
    if (whole) model.train();
    else model.eval();
    for (const { layer, training } of layers) {
      if (layer.training === training) continue;
      if (training) layer.train();
      else layer.eval();
    }
  };
}

/**
 * @internal Runs pieces of an evaluation in `eval()` mode, none of which waits for anything: between them, as after them and where one
 * throws, modes and buffers are those of whoever else works with the model, another evaluation too. The next piece goes on from the
 * buffers that the last one left.
 */
export function evaluationOf(model: Switchable): <R>(work: () => R) => R {
  const own = new WeakMap<Tensor, TypedArray>();
  return (work) => {
    const restoreModes = modesOf(model);
    const buffers = (model.namedBuffers?.() ?? []).map(([, tensor]) => ({ tensor, before: tensor.toArray() }));
    try {
      model.eval();
      for (const { tensor, before } of buffers) tensor.set(own.get(tensor) ?? before);
      return work();
    } finally {
      for (const { tensor, before } of buffers) {
        own.set(tensor, tensor.toArray());
        tensor.set(before);
      }
      restoreModes?.();
    }
  };
}

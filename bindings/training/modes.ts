/** Training or use: whoever changes the mode of a model puts it back. */
import { buffersOf } from "../named-buffers.js";
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
 * @internal Notes the buffers of a model, for passes of their own in `eval()` mode.
 * @returns runs one pass, on the buffers that the pass before left. Between two passes, and where one throws, the modes and buffers of the
 * model are what others have made them: an evaluation waits for its samples, and whoever works with the model meanwhile does not notice.
 */
export function evalPassesOf(model: Switchable): <R>(work: () => R) => R {
  const buffers = buffersOf(model).map(([, tensor]) => ({ tensor, own: tensor.toArray() }));
  return (work) => {
    const restoreModes = modesOf(model);
    const others = buffers.map(({ tensor }) => tensor.toArray());
    try {
      for (const { tensor, own } of buffers) tensor.set(own);
      model.eval();
      return work();
    } finally {
      for (const [i, buffer] of buffers.entries()) {
        buffer.own = buffer.tensor.toArray();
        buffer.tensor.set(others[i] as TypedArray);
      }
      restoreModes?.();
    }
  };
}

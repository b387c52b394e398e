/** Training or use: whoever changes the mode of a model puts it back. */
import { keepBuffers } from "../named-buffers.js";
import type { Tensor } from "../tensor.js";

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

/** @internal Runs work in `eval()` mode; modes and buffers are afterwards as they were, also where it throws. */
export async function inEvalMode<R>(model: Switchable, work: () => Promise<R>): Promise<R> {
  const restoreModes = modesOf(model);
  const restoreBuffers = keepBuffers(model);
  try {
    model.eval();
    return await work();
  } finally {
    restoreBuffers();
    restoreModes?.();
  }
}

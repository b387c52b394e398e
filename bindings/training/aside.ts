/** A pass on the side, of which a model notices nothing. */
import { keepBuffers } from "../named-buffers.js";
import { Generator } from "../random.js";
import type { Inspected } from "./non-finite.js";
import type { TrainableByName } from "./trainable.js";

/** @internal Of the layers, each once: dropout. */
export function generatorsOf(model: TrainableByName): Generator[] {
  const layers = (model as Inspected).namedLayers?.() ?? [];
  return [...new Set(layers.map(([, layer]) => layer.generator))].filter((generator) => generator instanceof Generator);
}

/** @internal Afterwards buffers and generators are as they were. */
export function aside<R>(model: TrainableByName, work: () => R): R {
  const restoreBuffers = keepBuffers(model);
  const generators = new Set([model.runtime.generator, ...generatorsOf(model)]);
  const states = [...generators].map((generator) => [generator, generator.state] as const);
  try {
    return work();
  } finally {
    restoreBuffers();
    for (const [generator, state] of states) generator.state = state;
  }
}

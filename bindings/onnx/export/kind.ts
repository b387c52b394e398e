/** A class of layers that ONNX can express. */
import type { Layer } from "../../layers/layer.js";
import type { Place } from "./place.js";

interface Described<Of> {
  /** Adds its nodes. */
  add(place: Place, layer: Of): void;
  /** What it reads; a layer that reads rows reads sequences step by step. */
  readonly takes: "sequences" | "rows" | "tokens";
  /** Whether it has a state that can go on from run to run. */
  readonly hasState?: boolean;
  /** What of this one ONNX cannot express. */
  readonly fault?: ((layer: Of) => string | undefined) | undefined;
}

export interface Kind extends Described<Layer> {
  /** Whether a layer is of the class, and nobody's heir that does something else. */
  is(layer: Layer): boolean;
}

/** The steps that an heir may have made its own. */
const METHODS = ["forward", "cell", "pool"];

export function kindOf<Of extends Layer>(Class: { readonly prototype: Of }, described: Described<Of>): Kind {
  const { prototype } = Class;
  return {
    ...(described as Described<Layer>), // `is` is asked first
    is: (layer) =>
      Object.prototype.isPrototypeOf.call(prototype, layer) &&
      METHODS.every((name) => Reflect.get(layer, name) === Reflect.get(prototype, name)),
  };
}

/** Doors: parameters by name, into what has some. */
import * as api from "../../bindings/index.js";
import { makeCRF } from "./misuse-doors-crf.js";
import { LAYER_NAMES, makeLayer } from "./misuse-doors-layers.js";
import { modelOf } from "./misuse-doors-models.js";
import type { Door } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

const numbers = (self: Loose) => self.parameters().map((parameter: api.Parameter) => [...parameter.toArray()]);

/** Arrays with their shapes, which is all that is read of them. */
const given = (self: Loose) =>
  Object.fromEntries(Object.entries<api.LoadedArray>(self.stateDict()).map(([name, { shape, data }]) => [name, { shape, data }]));

/** @internal For the cells, whose doors are made elsewhere. */
export function stateDoor(name: string, make: (w: World) => Loose): Door {
  return {
    name: `${name}.loadStateDict`,
    open(w) {
      const self = w.own(make(w));
      return {
        args: [given(self), { rename: (each: string) => each, strict: true }],
        call: (...args) => self.loadStateDict(...args),
        self,
        observe: () => numbers(self),
      };
    },
    lenient: ["1.rename"], // a name of the caller's own choice
  };
}

export const stateDoors: readonly Door[] = [
  ...LAYER_NAMES.map((name) => stateDoor(name, (w) => makeLayer(name, w.rt))),
  stateDoor("Sequential", modelOf),
  stateDoor("ParameterTensor", (w) => new api.ParameterTensor(w.rt, [2])),
  stateDoor("CRF", makeCRF),
  {
    name: "loadWeights",
    open(w) {
      const model = modelOf(w);
      return {
        args: [model, model.save(), { strict: true }],
        call(...args) {
          if (typeof args[1] === "string") throw new api.ArgumentError("source", "bytes", "a path, of which the file system knows nothing");
          return (api.loadWeights as Loose)(...args);
        },
        observe: () => numbers(model),
      };
    },
    lenient: ["1"], // bytes may come in anything that can be gone through
  },
];

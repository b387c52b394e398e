/** The one table of what can be exported. */
import { Dense } from "../../layers/dense.js";
import { Dropout } from "../../layers/dropout.js";
import { Embedding } from "../../layers/embedding.js";
import type { Layer } from "../../layers/layer.js";
import { LayerNorm } from "../../layers/layer-norm.js";
import { LastStep, MaxPool, MeanPool } from "../../layers/pool.js";
import { Softmax } from "../../layers/softmax.js";
import { recurrentKinds } from "./cells.js";
import { type Kind, kindOf } from "./kind.js";
import { addDense, addEmbedding, addLayerNorm, addSoftmax } from "./layers.js";
import { addPool } from "./pools.js";

/** Made when it is asked for: see recurrentKinds. */
const kinds = (): Kind[] => [
  ...recurrentKinds(),
  kindOf(Dense, { add: addDense, takes: "rows" }),
  kindOf(Embedding, { add: addEmbedding, takes: "tokens" }),
  kindOf(LayerNorm, { add: addLayerNorm, takes: "rows" }),
  kindOf(Softmax, { add: addSoftmax, takes: "rows" }),
  kindOf(Dropout, { add: () => {}, takes: "rows" }), // in use it does nothing
  kindOf(LastStep, { add: (place) => addPool(place, "last"), takes: "sequences" }),
  kindOf(MeanPool, { add: (place) => addPool(place, "mean"), takes: "sequences" }),
  kindOf(MaxPool, { add: (place) => addPool(place, "max"), takes: "sequences" }),
];

/** @returns undefined for a layer that ONNX cannot express */
export function kindFor(layer: Layer): Kind | undefined {
  return kinds().find((kind) => kind.is(layer));
}

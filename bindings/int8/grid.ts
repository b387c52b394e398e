/** A layer's weights on the grid of int8: which of them, how far off, and back again. */
import { ArgumentError } from "../errors.js";
import { Dense } from "../layers/dense.js";
import { Embedding } from "../layers/embedding.js";
import type { Layer } from "../layers/layer.js";
import { Recurrent } from "../layers/recurrent/recurrent.js";
import type { Parameter } from "../parameters.js";
import type { Runtime } from "../runtime.js";
import type { WeightStorage } from "../tensor.js";
import { checkPlaces, int8Kernels } from "./load.js";

/** @internal A layer that can keep its weights as int8. */
export type Quantizable = Recurrent<never> | Dense | Embedding;

/** @internal A matrix as int8, row by row with a scale: row r is `scales[r] · codes[r]`, exactly. */
export interface Codes {
  readonly codes: Int8Array<ArrayBuffer>;
  readonly scales: Float32Array<ArrayBuffer>;
}

/** @internal */
export function isQuantizable(layer: Layer): layer is Quantizable {
  return layer instanceof Recurrent || layer instanceof Dense || layer instanceof Embedding;
}

/** @internal Its products read int8 from now on, or again what they did. An embedding's rows are the same either way. */
export function store(layer: Quantizable, storage: WeightStorage): void {
  if (layer instanceof Recurrent) {
    layer.store(storage);
    return;
  }
  layer.storage = storage;
  layer.block.version++; // a Dense packs again
}

/** @internal The matrices that are kept as int8; biases, learned states and peepholes are not. */
export function weightsOf(layer: Quantizable): Parameter[] {
  return layer.parameters().filter(({ shape }) => shape.length === 2);
}

/** @internal @throws {ArgumentError} before anything changes, on what has no place there */
export function checkWeights(name: string, layer: Quantizable): void {
  if (layer.dtype !== "f32") throw new ArgumentError(name, "a layer of f32", layer.dtype);
  for (const parameter of weightsOf(layer)) {
    checkPlaces(parameter.shape[1] as number);
    const values = parameter.toArray();
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) throw new ArgumentError(`${name}.${parameter.name}[${at}]`, "finite weights", `${values[at]}`);
  }
}

/** @internal */
export function codesOf(runtime: Runtime, parameter: Parameter): Codes {
  const [R, K] = parameter.shape as [number, number];
  const { memory } = runtime;
  const kernels = int8Kernels(runtime);
  const taken: number[] = [];
  const take = (bytes: number) => {
    taken.push(memory.allocate(bytes));
    return taken.at(-1) as number;
  };
  try {
    const [w, q, scales] = [take(4 * R * K), take(R * K), take(4 * R)] as [number, number, number];
    runtime.view("f32", w, R * K).set(parameter.toArray());
    kernels.quantize({ q, scales, w, R, K });
    const { buffer } = memory.memory;
    return {
      codes: new Int8Array(buffer as ArrayBuffer, q, R * K).slice(),
      scales: new Float32Array(buffer as ArrayBuffer, scales, R).slice(),
    };
  } finally {
    for (const ptr of taken) memory.free(ptr);
  }
}

/** @internal The numbers that they stand for. */
export function numbersOf({ codes, scales }: { codes: ArrayLike<number>; scales: ArrayLike<number> }): Float32Array<ArrayBuffer> {
  const K = codes.length / scales.length;
  return Float32Array.from({ length: codes.length }, (_, i) => (codes[i] as number) * (scales[Math.floor(i / K)] as number));
}

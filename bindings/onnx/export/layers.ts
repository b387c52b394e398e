/** Layers that go over no time. */
import type { Dense } from "../../layers/dense.js";
import type { Embedding } from "../../layers/embedding.js";
import type { LayerNorm } from "../../layers/layer-norm.js";
import type { Parameter } from "../../parameters.js";
import { numbersOf } from "./numbers.js";
import type { Place } from "./place.js";

interface HasParameters {
  parameters(): Parameter[];
}

function parameterOf(place: Place, layer: HasParameters, name: string): Float32Array | undefined {
  const found = layer.parameters().find((parameter) => parameter.name === name);
  return found && numbersOf(`${place.layer}.${name}`, found);
}

/** [rows, columns] → [columns, rows] */
function transposed(numbers: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(numbers.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = numbers[i * columns + j] as number;
  return result;
}

/** Its weight, of int8 where the layer's is. @param axis that of its outputs */
function matrix(
  place: Place,
  { storage }: Dense | Embedding,
  numbers: Float32Array,
  shape: readonly [number, number],
  axis: 0 | 1,
): string {
  return storage === "int8" ? place.graph.rounded(`${place.layer}.weight`, numbers, shape, axis) : place.constant("weight", numbers, shape);
}

export function addDense(place: Place, layer: Dense): void {
  const { inputSize: I, outputSize: O } = layer;
  place.reads(I);
  const weight = transposed(parameterOf(place, layer, "weight") as Float32Array, O, I);
  const product = place.node("MatMul", [place.flow.value, matrix(place, layer, weight, [I, O], 1)]);
  const bias = parameterOf(place, layer, "bias");
  place.gives(bias ? place.node("Add", [product, place.constant("bias", bias, [O])]) : product, O);
}

export function addEmbedding(place: Place, layer: Embedding): void {
  const { numEmbeddings: V, embeddingDim: E } = layer;
  const weight = matrix(place, layer, parameterOf(place, layer, "weight") as Float32Array, [V, E], 0);
  place.readsTokens();
  place.gives(place.node("Gather", [weight, place.flow.value]), E);
}

/** Of operators that every reader has: LayerNormalization came with opset 17. */
export function addLayerNorm(place: Place, layer: LayerNorm): void {
  const { normalizedShape: D, eps } = layer;
  place.reads(D);
  const mean = (value: string) => place.node("ReduceMean", [value], { axes: { ints: [-1] }, keepdims: { i: 1 } });
  const x = place.flow.value;
  const centred = place.node("Sub", [x, mean(x)]);
  const variance = mean(place.node("Mul", [centred, centred]));
  const scale = place.node("Sqrt", [place.node("Add", [variance, place.constant("eps", Float32Array.of(eps), [])])]);
  let y = place.node("Div", [centred, scale]);
  for (const [name, op] of [
    ["weight", "Mul"],
    ["bias", "Add"],
  ] as const) {
    const numbers = parameterOf(place, layer, name);
    if (numbers) y = place.node(op, [y, place.constant(name, numbers, [D])]);
  }
  place.gives(y);
}

export function addSoftmax(place: Place): void {
  place.gives(place.node("Softmax", [place.flow.value], { axis: { i: -1 } }));
}

/** What operators of one tensor, element by element, have in common. */
import type { Gradients } from "../graph/node.js";
import { bytesPer, type Tensor } from "../tensor.js";
import { floatsOf, type Outcome } from "./operator.js";

/** @internal The shape, type and layout of x. */
export function sameAs([x]: readonly Tensor[]): Outcome {
  const { shape, batchFirst } = x as Tensor;
  return { shape, dtype: floatsOf([x as Tensor]), batchFirst };
}

/** @internal Of a backward pass: memory for ∂L/∂x, what reaches the output, how many elements. */
export function placesOf(x: Tensor, output: Tensor, gradients: Gradients): { dx: number; dy: number; n: number } {
  const n = x.size;
  return { dx: gradients.slots.get("dx", n * bytesPer(x.dtype)), dy: gradients.of(output), n };
}

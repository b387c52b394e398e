/** What operators of one tensor have in common. */
import type { Gradients } from "../graph/node.js";
import { bytesPer, type Tensor } from "../tensor.js";
import { type Call, floatsOf, type Outcome } from "./operator.js";

/** @internal The shape, type and layout of x. */
export function sameAs([x]: readonly Tensor[]): Outcome {
  const { shape, batchFirst } = x as Tensor;
  return { shape, dtype: floatsOf([x as Tensor]), batchFirst };
}

/** @internal A backward pass that gives x, the one input, its part. */
export function gradientOfX(call: Call, gradients: Gradients, work: (dx: number, dy: number) => void): void {
  const x = call.inputs[0] as Tensor;
  if (!gradients.wants(x)) return;
  const dx = gradients.slots.get("dx", x.size * bytesPer(x.dtype));
  const dy = gradients.of(call.output);
  gradients.run(() => work(dx, dy));
  gradients.give(x, dx);
}

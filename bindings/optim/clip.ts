/** Gradients made smaller. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Parameter } from "../parameters.js";
import { runsOf } from "./optimizer.js";

/**
 * Scales the gradients so that their common Euclidean norm is at most maxNorm, as torch.nn.utils.clip_grad_norm_.
 *
 * @returns the norm before clipping; where it is not finite (a gradient is not, or the squares overflow f64), nothing is scaled
 * @throws {ArgumentError} unless maxNorm > 0 @throws {DisposedError}
 */
export function clipGradNorm(parameters: readonly Parameter[], maxNorm: number): number {
  const runs = runsOf(parameters).filter(({ block }) => block.requiresGrad);
  if (!(maxNorm > 0)) throw new ArgumentError("maxNorm", "a number over 0", show(maxNorm));
  let squares = 0;
  for (const { block, offset, size } of runs)
    squares += block.runtime.kernels(block.dtype).sumSquares({ x: block.gradient(offset), n: size });
  const norm = Math.sqrt(squares);
  const factor = maxNorm / (norm + 1e-6);
  if (factor < 1 && Number.isFinite(norm)) {
    for (const { block, offset, size } of runs) block.runtime.kernels(block.dtype).scale({ x: block.gradient(offset), n: size, s: factor });
  }
  return norm;
}

/** @internal Multiplies the gradients by a factor. */
export function scaleGrad(parameters: readonly Parameter[], factor: number): void {
  for (const { block, offset, size } of runsOf(parameters)) {
    block.runtime.kernels(block.dtype).scale({ x: block.gradient(offset), n: size, s: factor });
  }
}

/**
 * Cuts every element of the gradients to −clipValue … clipValue, as torch.nn.utils.clip_grad_value_. NaN stays NaN.
 *
 * @throws {ArgumentError} unless clipValue > 0 @throws {DisposedError}
 */
export function clipGradValue(parameters: readonly Parameter[], clipValue: number): void {
  const runs = runsOf(parameters).filter(({ block }) => block.requiresGrad);
  if (!(clipValue > 0)) throw new ArgumentError("clipValue", "a number over 0", show(clipValue));
  for (const { block, offset, size } of runs)
    block.runtime.kernels(block.dtype).clamp({ x: block.gradient(offset), n: size, bound: clipValue });
}

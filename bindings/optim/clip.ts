/** Gradients made smaller. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Parameter } from "../parameters.js";
import { type Stretch, trainedStretchesOf } from "./stretch.js";

/** Squares of f64 between these have lost nothing that counts. */
const [LEAST, MOST] = [1e-280, 1e300];

/** The Euclidean norm of all gradients, also where squares of f64 overflow or vanish. */
function normOf(stretches: readonly Stretch[]): number {
  const kernelsOf = ({ block }: Stretch) => block.runtime.kernels(block.dtype);
  const squares = (s: number) =>
    stretches.reduce((sum, one) => sum + kernelsOf(one).sumSquares({ x: one.block.gradient(one.offset), n: one.size, s }), 0);
  const plain = squares(1);
  if (plain > LEAST && plain < MOST) return Math.sqrt(plain);
  const most = stretches.reduce((greatest, one) => {
    return Math.max(greatest, kernelsOf(one).maxAbs({ x: one.block.gradient(one.offset), n: one.size }));
  }, 0);
  if (most === 0 || !Number.isFinite(most)) return most;
  const s = 2 ** Math.max(-1022, Math.min(1023, -Math.floor(Math.log2(most))));
  return Math.sqrt(squares(s)) / s;
}

/**
 * Scales the gradients so that their common Euclidean norm is at most maxNorm, as torch.nn.utils.clip_grad_norm_. Those of frozen
 * layers do not count, and stay.
 *
 * @returns the norm before clipping; where it is not finite, nothing is scaled
 * @throws {ArgumentError} unless maxNorm > 0 @throws {DisposedError}
 */
export function clipGradNorm(parameters: readonly Parameter[], maxNorm: number): number {
  if (!(typeof maxNorm === "number" && maxNorm > 0)) throw new ArgumentError("maxNorm", "a number over 0", show(maxNorm));
  const stretches = trainedStretchesOf(parameters);
  const norm = normOf(stretches);
  const factor = maxNorm / (norm + 1e-6);
  if (factor < 1 && Number.isFinite(norm)) {
    for (const { block, offset, size } of stretches)
      block.runtime.kernels(block.dtype).scale({ x: block.gradient(offset), n: size, s: factor });
  }
  return norm;
}

/** @internal Multiplies the gradients by a factor. */
export function scaleGrad(parameters: readonly Parameter[], factor: number): void {
  for (const { block, offset, size } of trainedStretchesOf(parameters)) {
    block.runtime.kernels(block.dtype).scale({ x: block.gradient(offset), n: size, s: factor });
  }
}

/**
 * Cuts every element of the gradients to −clipValue … clipValue, as torch.nn.utils.clip_grad_value_. NaN stays NaN; so do the
 * gradients of frozen layers.
 *
 * @throws {ArgumentError} unless clipValue > 0 @throws {DisposedError}
 */
export function clipGradValue(parameters: readonly Parameter[], clipValue: number): void {
  if (!(typeof clipValue === "number" && clipValue > 0)) throw new ArgumentError("clipValue", "a number over 0", show(clipValue));
  const stretches = trainedStretchesOf(parameters);
  for (const { block, offset, size } of stretches)
    block.runtime.kernels(block.dtype).clamp({ x: block.gradient(offset), n: size, bound: clipValue });
}

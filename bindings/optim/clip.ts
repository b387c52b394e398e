/** Gradients made smaller. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Parameter } from "../parameters.js";
import { runsOf } from "./optimizer.js";

/** Squares of f64 between these have lost nothing that counts. */
const [LEAST, MOST] = [1e-280, 1e300];

/** The Euclidean norm of all gradients, also where squares of f64 overflow or vanish. */
function normOf(runs: ReturnType<typeof runsOf>): number {
  const kernelsOf = ({ block }: (typeof runs)[number]) => block.runtime.kernels(block.dtype);
  const squares = (s: number) =>
    runs.reduce((sum, run) => sum + kernelsOf(run).sumSquares({ x: run.block.gradient(run.offset), n: run.size, s }), 0);
  const plain = squares(1);
  if (plain > LEAST && plain < MOST) return Math.sqrt(plain);
  const most = runs.reduce((greatest, run) => {
    return Math.max(greatest, kernelsOf(run).maxAbs({ x: run.block.gradient(run.offset), n: run.size }));
  }, 0);
  if (most === 0 || !Number.isFinite(most)) return most;
  const s = 2 ** Math.max(-1022, Math.min(1023, -Math.floor(Math.log2(most))));
  return Math.sqrt(squares(s)) / s;
}

/**
 * Scales the gradients so that their common Euclidean norm is at most maxNorm, as torch.nn.utils.clip_grad_norm_.
 *
 * @returns the norm before clipping; where it is not finite, nothing is scaled
 * @throws {ArgumentError} unless maxNorm > 0 @throws {DisposedError}
 */
export function clipGradNorm(parameters: readonly Parameter[], maxNorm: number): number {
  const runs = runsOf(parameters).filter(({ block }) => block.requiresGrad);
  if (!(maxNorm > 0)) throw new ArgumentError("maxNorm", "a number over 0", show(maxNorm));
  const norm = normOf(runs);
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

/**
 * The steps that several cells share.
 *
 *   (1) c⟨t⟩ = σ(f)·c⟨t−1⟩ + σ(i)·tanh(g)     h⟨t⟩ = σ(o)·tanh(c⟨t⟩)            LSTM, z = [i f g o]
 *   (2) n = tanh(zn + σ(r)·mn)   h⟨t⟩ = (1 − σ(z))·n + σ(z)·h⟨t−1⟩                GRU, z = [r z n] of x, m of h; reset after
 */
import { add, mul, sub } from "../../ops/binary.js";
import { split } from "../../ops/move.js";
import { sigmoid, tanh } from "../../ops/unary.js";
import type { Tensor } from "../../tensor.js";

type Change = (x: Tensor) => Tensor;

const same: Change = (x) => x;

/** PyTorch's names and shapes, for so many gates. */
export const weightsOf =
  (gates: number) =>
  (I: number, H: number): Record<string, number[]> => ({
    ...{ weight_ih: [gates * H, I], weight_hh: [gates * H, H] },
    ...{ bias_ih: [gates * H], bias_hh: [gates * H] },
  });

/** (1) @param z the sum of both products @param change what is done with the candidate g */
export function lstmStep(z: Tensor, c: Tensor, change = same): { h: Tensor; c: Tensor } {
  const [i, f, g, o] = split(z, 4, -1) as [Tensor, Tensor, Tensor, Tensor];
  const next = add(mul(sigmoid(f), c), mul(sigmoid(i), change(tanh(g))));
  return { h: mul(sigmoid(o), tanh(next)), c: next };
}

/** (2) @param change what is done with the candidate n */
export function gruStep(x: Tensor, m: Tensor, h: Tensor, change = same): Tensor {
  const [xr, xz, xn] = split(x, 3, -1) as [Tensor, Tensor, Tensor];
  const [mr, mz, mn] = split(m, 3, -1) as [Tensor, Tensor, Tensor];
  const n = tanh(add(xn, mul(sigmoid(add(xr, mr)), mn)));
  return blend(sigmoid(add(xz, mz)), h, change(n));
}

/** (1 − z)·n + z·h */
export function blend(z: Tensor, h: Tensor, n: Tensor): Tensor {
  return add(mul(sub(1, z), n), mul(z, h));
}

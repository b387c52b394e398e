/**
 * Where things lie: gate blocks, buffer widths, the descriptor of a sequence.
 *
 * Gate layout. A recurrent cell has G stacked gates (RNN 1; LSTM 4: i f g o) of H units each. People see PyTorch's
 * order, [G·H, K]: all of i, then all of f, … The kernels interleave the gates by blocks of P = PANEL<T>() units
 * (8 × f32, 4 × f64), so that one unit's gates lie side by side and every block is a whole number of panels:
 *
 *   canonical row   i0 … i(H−1) | f0 … f(H−1) | g0 … | o0 …               G·H
 *   gate column     i0…i7 f0…f7 g0…g7 o0…o7 | i8…i15 f8…f15 g8…g15 o8…o15 | …   width W = G·Hp, Hp = H rounded up to P
 *
 * Columns beyond H are zero in packed weights and biases and stay zero in gradients.
 *
 * Buffers of a sequence (elements; N rows a step, time outermost):
 *
 *   x [T,N,I]   a [T+1,N,H]   c [T+1,N,H] (with a tape) or [N,H]   gates [T,N,W] (with a tape) or [chunk,N,W]
 *   packed forward weights: panel after panel, each I rows of Wx, then H rows of Wa     W·(I+H)
 *   packed backward weights: WaT, panels over H columns, W rows each; WxT likewise over I
 */
import { PANEL } from "./vec";

/** H rounded up to whole blocks of PANEL<T>() units. */
// @ts-ignore: decorator
@inline export function padded<T extends number>(H: i32): i32 {
  return (H + PANEL<T>() - 1) & -PANEL<T>();
}

/** Panels that `cols` columns fill. */
// @ts-ignore: decorator
@inline export function panels<T extends number>(cols: i32): i32 {
  return (cols + PANEL<T>() - 1) / PANEL<T>();
}

/**
 * One whole-sequence call: RNN or LSTM, forward or backward. The host writes the fields at the offsets that index.ts
 * exports, and owns every buffer. Pointers are bytes, the rest are elements. A null optional pointer means "none".
 */
@unmanaged
export class Sequence {
  /** Time steps, rows a step, input and hidden units. */
  T: i32 = 0;
  N: i32 = 0;
  I: i32 = 0;
  H: i32 = 0;
  /** Time steps whose input product is taken at once (at least 1): gates without a tape holds this many. */
  chunk: i32 = 0;
  /** 1: gates and c keep every step, for the backward pass. 0: they are scratch. */
  tape: i32 = 0;
  /** 1: after the last step a's last slot is copied to slot 0, so that the next call goes on from here (streams). */
  carry: i32 = 0;

  /** in [T,N,I] */
  x: usize = 0;
  /** out [T+1,N,H], slot 0 is the initial state and in. */
  a: usize = 0;
  /** tape [T+1,N,H], slot 0 in; without a tape inout [N,H]. LSTM only. */
  c: usize = 0;
  /** tape [T,N,W] post-activation; without a tape scratch [chunk,N,W]. */
  gates: usize = 0;
  /** in, packed: Wx over Wa. */
  weights: usize = 0;
  /** in [W], gate layout: both biases summed. */
  bias: usize = 0;

  /** in [T,N,H] ∂L/∂a, optional. */
  dOutput: usize = 0;
  /** in [N,H] ∂L/∂a⟨T⟩ beside dOutput, optional. */
  dLast: usize = 0;
  /** in [N,H] ∂L/∂c⟨T⟩, optional. LSTM only. */
  dcLast: usize = 0;
  /** in, packed for the backward pass. */
  weightsHT: usize = 0;
  weightsXT: usize = 0;
  /** scratch [T,N,W] ∂L/∂pre-activation. */
  dz: usize = 0;
  /** scratch [N,Hp] each. dc: LSTM only. */
  da: usize = 0;
  dc: usize = 0;
  /** scratch for the parameter gradients, at least gemmTransposedScratch elements. */
  scratch: usize = 0;
  /** out [T,N,I], optional. */
  dx: usize = 0;
  /** out [N,H]. dc0: LSTM only. */
  da0: usize = 0;
  dc0: usize = 0;
  /** += [G·H,I], [G·H,H], [G·H] twice (equal gradients), canonical. The biases are optional. */
  dWx: usize = 0;
  dWa: usize = 0;
  dbx: usize = 0;
  dba: usize = 0;
}

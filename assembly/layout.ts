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
 * The GRU's n gate stands apart from r and z, since its two products meet in another way: it has buffers and weights of
 * its own (the fields with an n in their names), laid out as those of one more cell with G = 1.
 *
 * Rows of a sequence. Time is outermost; step t has rows⟨t⟩ rows, N or, with lengths, fewer and fewer: the sequences lie
 * sorted, longest first, and row j of every step is sequence j. M is the sum of all rows⟨t⟩.
 *
 *   lengths 4 2 1     t=0: s0 s1 s2   t=1: s0 s1   t=2: s0   t=3: s0          N 3, M 7
 *
 * Buffers of a sequence (elements):
 *
 *   x [M,I]   a [N+M,P]   c [N+M,H] (with a tape) or [N,H]   gates [M,W] (with a tape) or [rows of a chunk,W]
 *   packed forward weights: panel after panel, each I rows of Wx, then K rows of Wa     W·(I+K)
 *   packed backward weights: WaT, panels over K columns, W rows each; WxT likewise over I
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
 * One whole-sequence call of a recurrent layer, forward or backward. The host writes the fields, words in this order, and owns
 * every buffer. Pointers are bytes, the rest are elements. A null optional pointer means "none".
 */
@unmanaged
export class Sequence {
  /** Time steps, rows of the first step (sequences), input features, units of a gate. */
  T: i32 = 0;
  N: i32 = 0;
  I: i32 = 0;
  H: i32 = 0;
  /** Features that the cell gives, a; those of them that the recurrent product reads. All but a projection's: H. */
  P: i32 = 0;
  K: i32 = 0;
  /** Rows of all steps; T·N where `rows` is null. */
  M: i32 = 0;
  /** RNN: 0 tanh, 1 relu. GRU: 0 reset after the product, 1 before. */
  variant: i32 = 0;
  /** LSTMP: the bits of an f64, within whose ± c is kept. */
  boundLow: u32 = 0;
  boundHigh: u32 = 0;
  /** Time steps whose input product is taken at once (at least 1): gates without a tape holds their rows. */
  chunk: i32 = 0;
  /** 1: gates, n, m and c keep every step, for the backward pass. 0: they are scratch. */
  tape: i32 = 0;
  /** 1: after the last step a's last slot is copied to slot 0, so that the next call goes on from here (streams). */
  carry: i32 = 0;

  /** in [T] i32, rows of each step, never growing, rows⟨0⟩ = N; null: N each. */
  rows: usize = 0;
  /** in [M,I] */
  x: usize = 0;
  /** out [N+M,P], the first N rows are the initial state and in. */
  a: usize = 0;
  /** tape [N+M,H], the first N rows in; without a tape inout [N,H]. LSTM and LSTMP only. */
  c: usize = 0;
  /** tape [M,W] post-activation; without a tape scratch [rows of a chunk,W]. GRU: r z. */
  gates: usize = 0;
  /** GRU: n likewise, [M,Hp] or [rows of a chunk,Hp]. */
  n: usize = 0;
  /** GRU: what the reset gate touches. After: Wan·a⟨t−1⟩ + ban [M,Hp]; before: r ∘ a⟨t−1⟩ [M,H]. Without a tape scratch for N rows.
   * LSTMP: o ∘ tanh c [M,H] or [N,H], where it is projected. */
  m: usize = 0;
  /** in, packed: Wx over Wa. GRU: r z; weightsN: n. LSTMP: in weightsN Wr, or null. */
  weights: usize = 0;
  weightsN: usize = 0;
  /** in [W], gate layout: both biases summed. GRU: r z. */
  bias: usize = 0;
  /** in [Hp] GRU: n's. After: b of x here, b of a in biasHN. Before: both summed here. */
  biasN: usize = 0;
  biasHN: usize = 0;
  /** in [3,H] LSTMP: of i f o, optional. */
  peepholes: usize = 0;

  /** in [M,P] ∂L/∂a, optional. */
  dOutput: usize = 0;
  /** in [N,P] ∂L/∂a after each sequence's last step beside dOutput, optional. */
  dLast: usize = 0;
  /** in [N,H] ∂L/∂c likewise, optional. LSTM and LSTMP only. */
  dcLast: usize = 0;
  /** in, packed for the backward pass. */
  weightsHT: usize = 0;
  weightsXT: usize = 0;
  weightsNHT: usize = 0;
  weightsNXT: usize = 0;
  /** scratch [M,W] ∂L/∂pre-activation. GRU: r z; dn [M,Hp]: n. LSTMP: in dn all that reaches a [M,Pp], where it is projected. */
  dz: usize = 0;
  dn: usize = 0;
  /** scratch. GRU, after: ∂L/∂m [M,Hp]. Before, and LSTMP: ∂L/∂m of one step [N,Hp]. */
  dm: usize = 0;
  /** scratch [N,Pp]; dc [N,Hp]: LSTM and LSTMP only. */
  da: usize = 0;
  dc: usize = 0;
  /** scratch [M,P]: a⟨t−1⟩ beside each row of step t. Only where neither `rows` nor dWx is null. */
  aPrev: usize = 0;
  /** scratch for the parameter gradients, at least gemmTransposedScratch elements; not where dWx is null. Forward, with weights of int8: for codes
   * (int8_rows.ts), rows of a chunk of I, or one of I and one of K, or N of the longest of K, H and P. */
  scratch: usize = 0;
  /** out [M,I], optional. */
  dx: usize = 0;
  /** out [N,P]; dc0 [N,H]: LSTM and LSTMP only. */
  da0: usize = 0;
  dc0: usize = 0;
  /** += [G·H,I], [G·H,K], [G·H] twice, canonical. The biases are optional. dWx null: frozen, none of the four is wanted. */
  dWx: usize = 0;
  dWa: usize = 0;
  dbx: usize = 0;
  dba: usize = 0;
  /** += LSTMP: [P,H], [3,H], optional. */
  dWr: usize = 0;
  dPeepholes: usize = 0;
}

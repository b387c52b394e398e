/**
 * Softmax by rows (a row is one sample), and the two passes over a row that cross-entropy shares.
 *
 *   m = max_j z_j                                    (1)
 *   p_j = exp(z_j − m) / Σ_k exp(z_k − m)            (2)
 *   dz_j = p_j·(dp_j − Σ_k dp_k·p_k)                 (3)
 *
 * Each row is shifted by its own maximum: the greatest term is exp(0) = 1, so the sum neither overflows nor vanishes,
 * however far the samples lie apart.
 */
import { vexp } from "../math";
import { add, bytes, LANES, splat, sub, VEC_BYTES, vload, vmax, vstore, zero } from "../vec";
import { hmax, hsum, lane0 } from "../vec_wide";

/** (1) The greatest of C elements, C > 0; NaN where one is NaN. */
export function rowMax<T extends number>(z: usize, C: i32): T {
  let top = splat<T>(load<T>(z));
  for (; C >= LANES<T>(); C -= LANES<T>(), z += VEC_BYTES) top = vmax<T>(top, vload<T>(z));
  let most = hmax<T>(top);
  for (; C > 0; --C, z += sizeof<T>()) most = max<T>(most, load<T>(z));
  return most;
}

/** p_j = exp(z_j − m), unnormalised; their sum. p may alias z. */
export function expRow<T extends number>(p: usize, z: usize, C: i32, m: T): T {
  const shift = splat<T>(m);
  let sum = zero();
  for (; C >= LANES<T>(); C -= LANES<T>(), z += VEC_BYTES, p += VEC_BYTES) {
    const e = vexp<T>(sub<T>(vload<T>(z), shift));
    vstore<T>(p, e);
    sum = add<T>(sum, e);
  }
  let total = hsum<T>(sum);
  for (; C > 0; --C, z += sizeof<T>(), p += sizeof<T>()) {
    const e = lane0<T>(vexp<T>(splat<T>(<T>(load<T>(z) - m))));
    store<T>(p, e);
    total = <T>(total + e);
  }
  return total;
}

/**
 * Forward. Pair: softmaxBackward. (1) (2)
 *
 * @param p  out [M,C]  may alias z
 * @param z  in  [M,C]
 */
export function softmaxForward<T extends number>(p: usize, z: usize, M: i32, C: i32): void {
  const row = bytes<T>(C);
  for (let m = 0; m < M; ++m, p += row, z += row) {
    const total = expRow<T>(p, z, C, rowMax<T>(z, C));
    divideRow<T>(p, C, total);
  }
}

function divideRow<T extends number>(p: usize, C: i32, total: T): void {
  for (let j = 0; j < C; ++j, p += sizeof<T>()) store<T>(p, <T>(load<T>(p) / total));
}

/**
 * Backward. Pair: softmaxForward. (3)
 *
 * @param dz  out  [M,C]  may alias dp
 * @param dp  in   [M,C]
 * @param p   tape [M,C]
 */
export function softmaxBackward<T extends number>(dz: usize, dp: usize, p: usize, M: i32, C: i32): void {
  const row = bytes<T>(C);
  for (let m = 0; m < M; ++m, dz += row, dp += row, p += row) {
    let dot: T = <T>0;
    for (let j: usize = 0; j < row; j += sizeof<T>()) dot = <T>(dot + load<T>(dp + j) * load<T>(p + j));
    for (let j: usize = 0; j < row; j += sizeof<T>()) store<T>(dz + j, <T>(load<T>(p + j) * (load<T>(dp + j) - dot)));
  }
}

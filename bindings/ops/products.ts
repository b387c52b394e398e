/** The three products of matmul: forward, and what a backward pass gives each side. */
import { OVER_ROWS, type Product, productOf, TRANSPOSED_A, TRANSPOSED_B } from "./strides.js";

/** @internal Shapes of y = op(a)·op(b). */
export interface MatmulShapes {
  readonly M: number;
  readonly K: number;
  readonly N: number;
  readonly batch: readonly number[];
  readonly batchA: readonly number[];
  readonly batchB: readonly number[];
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** @internal Which operands a product reads. */
export interface Operands {
  readonly product: Product;
  readonly left: "a" | "b" | "dy";
  readonly right: "a" | "b" | "dy";
}

const kindOf = (transposeA: boolean, transposeB: boolean) => (transposeA ? TRANSPOSED_A : 0) | (transposeB ? TRANSPOSED_B : 0);

/** @internal y = op(a)·op(b). */
export function forwardProduct({ M, K, N, batch, batchA, batchB, transposeA, transposeB }: MatmulShapes): Operands {
  const product = productOf({ M, K, N, kind: kindOf(transposeA, transposeB) }, batch, batch, batchA, batchB);
  return { product, left: "a", right: "b" };
}

/** @internal da = dy·op(b)ᵀ, or its transpose op(b)·dyᵀ where a stands transposed. */
export function productForA({ M, K, N, batch, batchA, batchB, transposeA, transposeB }: MatmulShapes): Operands {
  if (transposeA) {
    const product = productOf({ M: K, K: N, N: M, kind: kindOf(transposeB, true) }, batch, batchA, batchB, batch);
    return { product, left: "b", right: "dy" };
  }
  const product = productOf({ M, K: N, N: K, kind: kindOf(false, !transposeB) }, batch, batchA, batch, batchB);
  return { product, left: "dy", right: "b" };
}

/** @internal db = op(a)ᵀ·dy, or its transpose dyᵀ·op(a) where b stands transposed. Where a stands as it is, these are sums over rows. */
export function productForB({ M, K, N, batch, batchA, batchB, transposeA, transposeB }: MatmulShapes): Operands {
  if (transposeB) {
    const kind = transposeA ? kindOf(true, true) : OVER_ROWS;
    return { product: productOf({ M: N, K: M, N: K, kind }, batch, batchB, batch, batchA), left: "dy", right: "a" };
  }
  const kind = transposeA ? 0 : OVER_ROWS;
  return { product: productOf({ M: K, K: M, N, kind }, batch, batchB, batchA, batch), left: "a", right: "dy" };
}

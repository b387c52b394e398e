/*
 * Naive dense products in f64. Row-major, one scalar accumulator, k ascending: slow and obviously right.
 *
 *   (1) C = A·B     C[i,j] = Σk A[i,k]·B[k,j]
 *   (2) C = A·Bᵀ    C[i,j] = Σk A[i,k]·B[j,k]
 *   (3) C = Aᵀ·B    C[i,j] = Σk A[k,i]·B[k,j]
 *
 * The twin reads shapes from its arguments and checks lengths, so a wrong call fails instead of reading undefined.
 */

/** [rows, columns] of a row-major matrix as it is stored. */
export type Shape = readonly [rows: number, columns: number];

/** Throws unless `values` holds exactly `length` numbers. */
export function expectLength(name: string, values: ArrayLike<number>, length: number): void {
  if (values.length !== length) throw new RangeError(`${name}: expected ${length} numbers, got ${values.length}`);
}

function expectEqual(what: string, left: number, right: number): void {
  if (left !== right) throw new RangeError(`${what}: ${left} against ${right}`);
}

/** (1) A [m,k] · B [k,n] -> [m,n] */
export function matmul(a: ArrayLike<number>, [m, k]: Shape, b: ArrayLike<number>, [kb, n]: Shape): Float64Array {
  expectEqual("inner dimensions", k, kb);
  expectLength("a", a, m * k);
  expectLength("b", b, k * n);
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * k + p] * b[p * n + j]; // (1)
      c[i * n + j] = sum;
    }
  }
  return c;
}

/** (2) A [m,k] · (B [n,k])ᵀ -> [m,n]: a row of samples through a PyTorch weight. */
export function matmulTransposedB(a: ArrayLike<number>, [m, k]: Shape, b: ArrayLike<number>, [n, kb]: Shape): Float64Array {
  expectEqual("inner dimensions", k, kb);
  return matmul(a, [m, k], transpose(b, [n, kb]), [kb, n]); // (2)
}

/** (3) (A [k,m])ᵀ · B [k,n] -> [m,n]: a sum over samples, such as a weight gradient. */
export function matmulTransposedA(a: ArrayLike<number>, [k, m]: Shape, b: ArrayLike<number>, [kb, n]: Shape): Float64Array {
  expectEqual("inner dimensions", k, kb);
  return matmul(transpose(a, [k, m]), [m, k], b, [kb, n]); // (3)
}

/** A [m,n] -> Aᵀ [n,m] */
export function transpose(a: ArrayLike<number>, [m, n]: Shape): Float64Array {
  expectLength("a", a, m * n);
  const out = new Float64Array(n * m);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[j * m + i] = a[i * n + j];
  return out;
}

/** Σ over rows of A [m,n] -> [n]: a bias gradient. */
export function columnSums(a: ArrayLike<number>, [m, n]: Shape): Float64Array {
  expectLength("a", a, m * n);
  const out = new Float64Array(n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[j] += a[i * n + j];
  return out;
}

/** target += source, element by element. */
export function addInto(target: Float64Array, source: ArrayLike<number>): void {
  expectLength("source", source, target.length);
  for (let i = 0; i < target.length; i++) target[i] += source[i];
}

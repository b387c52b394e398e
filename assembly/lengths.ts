/**
 * Rows of sequences of different lengths. Time-major (T = 0), [T,N] rows: row r is step ⌊r / N⌋ of sequence r mod N. Batch-first
 * (T > 0), [N,T] rows: row r is step r mod T of sequence ⌊r / T⌋. Padding is what lies at or behind a sequence's length.
 */

/**
 * Whether a row is padding; never where there are no lengths.
 *
 * @param lengths  in  [N] i32, may be null
 * @param T        rows of one sequence that lie side by side; 0: time-major
 */
// @ts-ignore: decorator
@inline export function isPadding(lengths: usize, N: i32, T: i32, row: i32): bool {
  if (!lengths) return false;
  if (T > 0) return row % T >= load<i32>(lengths + (usize(row / T) << 2));
  return row / N >= load<i32>(lengths + (usize(row % N) << 2));
}

/** The end of the stretch of rows from `row` on that are all padding, or all not: a kernel works on whole stretches. */
export function stretchEnd(lengths: usize, N: i32, T: i32, rows: i32, row: i32): i32 {
  if (!lengths) return rows;
  const padding = isPadding(lengths, N, T, row);
  do ++row;
  while (row < rows && isPadding(lengths, N, T, row) == padding);
  return row;
}

/** Steps of sequence n; T where there are no lengths. */
// @ts-ignore: decorator
@inline export function stepsOf(lengths: usize, n: i32, T: i32): i32 {
  return lengths ? load<i32>(lengths + (usize(n) << 2)) : T;
}

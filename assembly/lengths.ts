/**
 * Rows of sequences of different lengths, [T,N] rows in time-major order: row r is step ⌊r / N⌋ of sequence r mod N.
 * Padding is what lies at or behind a sequence's length.
 */

/**
 * Whether a row is padding; never where there are no lengths.
 *
 * @param lengths  in [N] i32, may be null
 */
// @ts-ignore: decorator
@inline export function isPadding(lengths: usize, N: i32, row: i32): bool {
  return lengths != 0 && row / N >= load<i32>(lengths + (usize(row % N) << 2));
}

/** The end of the stretch of rows from `row` on that are all padding, or all not: a kernel works on whole stretches. */
export function stretchEnd(lengths: usize, N: i32, rows: i32, row: i32): i32 {
  if (!lengths) return rows;
  const padding = isPadding(lengths, N, row);
  do ++row;
  while (row < rows && isPadding(lengths, N, row) == padding);
  return row;
}

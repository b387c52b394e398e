/** Random vectors of length 1 at right angles to one another. */
import type { Generator } from "./random.js";

/** Where a vector lost so much of its length against the others that rounding shows, it is cleaned once more (Kahan's "twice is enough"). */
const LOST = 0.1;

/** Gram–Schmidt, modified, on normal draws. @param count at most length */
export function orthonormalRows(count: number, length: number, generator: Generator): Float64Array[] {
  const q: Float64Array[] = [];
  while (q.length < count) {
    const v = Float64Array.from({ length }, () => generator.normal());
    let [before, after] = [norm(v), clean(v, q)];
    for (let again = 0; again < 3 && after < LOST * before; again++) [before, after] = [after, clean(v, q)];
    if (after === 0) continue; // it lay in their span
    for (let i = 0; i < length; i++) v[i] = (v[i] as number) / after;
    q.push(v);
  }
  return q;
}

/** Takes from v what lies along the rows of q; the length of what is left. */
function clean(v: Float64Array, q: readonly Float64Array[]): number {
  for (const row of q) {
    let dot = 0;
    for (let i = 0; i < v.length; i++) dot += (v[i] as number) * (row[i] as number);
    for (let i = 0; i < v.length; i++) v[i] = (v[i] as number) - dot * (row[i] as number);
  }
  return norm(v);
}

function norm(v: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < v.length; i++) squares += (v[i] as number) ** 2;
  return Math.sqrt(squares);
}

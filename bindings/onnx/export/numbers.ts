/** Parameters as a file has them: f32, gates in ONNX's order. */
import { ArgumentError } from "../../errors.js";
import type { Parameter } from "../../parameters.js";

/** Where the rows of a gate come from; null: it has none. */
export type GateSource = { readonly from: number; readonly negated?: boolean } | null;

/** A parameter's numbers, rounded to f32. @param name for messages @throws {ArgumentError} on one that is finite in f64 alone */
export function numbersOf(name: string, parameter: Parameter): Float32Array {
  const own = parameter.toArray();
  if (own instanceof Float32Array) return own;
  const numbers = new Float32Array(own);
  const bad = numbers.findIndex((value, i) => Math.abs(value) === Number.POSITIVE_INFINITY && Number.isFinite(own[i]));
  if (bad >= 0) throw new ArgumentError(`model: ${name}[${bad}]`, "a number that is finite in f32", `${own[bad]}`);
  return numbers;
}

/** Rows gate by gate, of H rows each, in another order. @param columns of a row */
export function gatesInOrder(numbers: Float32Array, sources: readonly GateSource[], H: number, columns: number): Float32Array {
  const size = H * columns;
  const ordered = new Float32Array(sources.length * size);
  for (const [gate, source] of sources.entries()) {
    if (!source) continue;
    const rows = numbers.subarray(source.from * size, (source.from + 1) * size);
    ordered.set(source.negated ? rows.map((value) => -value) : rows, gate * size);
  }
  return ordered;
}

export function joined(arrays: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

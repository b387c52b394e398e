/** What attention is given, by name. */
import { isPlain } from "../by-name.js";
import { checkData, checkOptions, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { ModelForwardOptions, ModelForwardOptionsByName } from "../model.js";
import { Tensor } from "../tensor.js";

/** What attention reads, by name; of a tensor alone, all three are it: self-attention. */
export interface AttentionInputs {
  /** [T, N, querySize], or with batchFirst [N, T, …]. */
  query: Tensor;
  /** What queries are compared with, [S, N, keySize], or with batchFirst [N, S, …]. */
  key: Tensor;
  /** What the means are of, [S, N, …]. Default: the key. */
  value?: Tensor;
}

/** Options of the forward pass of attention. */
export interface AttentionForwardOptions extends Omit<ModelForwardOptions, "lengths"> {
  /** Steps of each key sequence, `{ key }`, and where queries are padded, too, of each query sequence, `{ query }`; in self-attention a list, of both. */
  lengths?: ModelForwardOptions["lengths"] | ModelForwardOptionsByName["lengths"];
  /** Whether the query of step t sees no step after t: for as many queries as keys. Default false. */
  causal?: boolean | undefined;
}

/** @internal @throws {ArgumentError} */
export function inputsOf(x: unknown): { query: Tensor; key: Tensor; value: Tensor | undefined } {
  if (x instanceof Tensor) return { query: x, key: x, value: undefined };
  if (!isPlain(x)) throw new ArgumentError("x", "a Tensor, or { query, key, value }", show(x));
  const { query, key, value } = checkOptions(x as { query?: unknown; key?: unknown; value?: unknown }, ["query", "key", "value"], "x");
  return { query: query as Tensor, key: key as Tensor, value: value as Tensor | undefined };
}

type Lengths = ArrayLike<number> | undefined;

/** @internal @throws {ArgumentError} */
export function lengthsOf(lengths: unknown, isSelf: boolean): { query: Lengths; key: Lengths } {
  if (lengths === undefined) return { query: undefined, key: undefined };
  if (isPlain(lengths)) {
    const { query, key } = checkOptions(
      lengths as { query?: Lengths; key?: Lengths; value?: Lengths },
      ["query", "key", "value"],
      "lengths",
    );
    return { query, key };
  }
  if (!isSelf) throw new ArgumentError("lengths", "{ key }, or { query, key }", show(lengths));
  return { query: lengths as Lengths, key: lengths as Lengths };
}

/** @internal @throws {ArgumentError} @throws {ShapeError} */
export function checkRows(rows: ArrayLike<number>, N: number, M: number): number[] {
  const checked = Array.from(checkData("rows", rows, N));
  for (const [n, row] of checked.entries()) {
    if (!(Number.isInteger(row) && row >= 0 && row < M))
      throw new ArgumentError(`rows[${n}]`, `a row of the memory, 0 … ${M - 1}`, show(row));
  }
  return checked;
}

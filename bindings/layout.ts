/** Where the steps of a batch of sequences lie: the one place that decides it for models. */
import { ArgumentError } from "./errors.js";

/** @internal What is asked: a model that says its layout, or its layers. */
export interface LaidOut {
  readonly batchFirst?: unknown;
  namedLayers?(): [string, object][];
}

/**
 * @internal Whether batches for this model are [N, T, …]: as the model says itself, else as its recurrent layers do, else [T, N, …].
 * @throws {ArgumentError} when the layers do not agree
 */
export function isBatchFirst(model: LaidOut): boolean {
  if (typeof model.batchFirst === "boolean") return model.batchFirst;
  const layers = (model.namedLayers?.() ?? []) as [string, { batchFirst?: unknown }][];
  const said = layers.filter(([, layer]) => typeof layer.batchFirst === "boolean");
  const other = said.find(([, layer]) => layer.batchFirst !== said[0]?.[1].batchFirst);
  if (said[0] && other) {
    const name = ([name, layer]: (typeof said)[number]) => `${name} with batchFirst: ${layer.batchFirst}`;
    throw new ArgumentError("model", "one layout of all its recurrent layers", `${name(said[0])}, ${name(other)}`);
  }
  return said[0]?.[1].batchFirst === true;
}

/** @internal Steps and sequences of a batch, and which axis comes first. */
export interface Layout {
  readonly T: number;
  readonly N: number;
  readonly batchFirst: boolean;
}

/** @internal The axes of time and batch, in their order. */
export function axesOf({ T, N, batchFirst }: Layout): [number, number] {
  return batchFirst ? [N, T] : [T, N];
}

/** @internal The row of step t of sequence n. */
export function rowOf({ T, N, batchFirst }: Layout, t: number, n: number): number {
  return batchFirst ? n * T + t : t * N + n;
}

/** @internal The step and the sequence of a row. */
export function placeOfRow({ T, N, batchFirst }: Layout, row: number): { t: number; n: number } {
  return batchFirst ? { t: row % T, n: Math.floor(row / T) } : { t: Math.floor(row / N), n: row % N };
}

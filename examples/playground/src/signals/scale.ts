/** A series brought to one scale, by the part that is learned alone. */
import { Standardizer } from "wasm-rnn";
import type { Series } from "./series";

export interface Scaled {
  readonly series: Series;
  /** Row after row, all features. */
  readonly data: Float32Array;
  readonly scaler: Standardizer;
}

export function scaledOf(series: Series): Scaled {
  const { features, watched } = series;
  const [rows, F] = [features[0]?.length ?? 0, features.length];
  const data = new Float64Array(rows * F);
  for (const [f, values] of features.entries()) for (let row = 0; row < rows; row++) data[row * F + f] = values[row] as number;
  const scaler = new Standardizer().fit({ data: data.subarray(0, watched * F), shape: [watched, F] });
  return { series, scaler, data: Float32Array.from(scaler.transform({ data, shape: [rows, F] }).data) };
}

/** The notebook's plain recurrent functions on the RNN layer. */
import { show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import type { Runtime } from "../runtime.js";
import type { FloatArray } from "../tensor.js";
import type { Arrays, NdArray } from "./arrays.js";
import { RecordedRNN } from "./recorded.js";
import type { RnnCache, RnnParameters } from "./types.js";

/** Shapes that a call's arrays agree on. */
export interface Dims {
  readonly nx: number;
  readonly m: number;
  readonly T: number;
  readonly na: number;
  readonly ny: number;
}

/** Dimensions of x, (n_x, m) or (n_x, m, T_x), and of the output weights, (n_y, n_a). @throws {ShapeError} */
export function dimsOf(arrays: Arrays, argument: string, x: NdArray, name: string, Wy: NdArray | undefined, rank: 2 | 3): Dims {
  const { shape } = arrays.check(argument, x);
  if (shape.length !== rank) throw new ShapeError(argument, rank === 2 ? "(n_x, m)" : "(n_x, m, T_x)", show([...shape]));
  const wy = arrays.check(`parameters.${name}`, Wy).shape;
  if (wy.length !== 2) throw new ShapeError(`parameters.${name}`, "(n_y, n_a)", show([...wy]));
  const [nx, m, T = 1] = shape as [number, number, number?];
  const [ny, na] = wy as [number, number];
  return { nx, m, T, na, ny };
}

function layerOf(rt: Runtime, arrays: Arrays, p: RnnParameters, { nx, na }: Dims): RecordedRNN {
  const Wax = arrays.check("parameters.Wax", p.Wax, [na, nx]);
  const Waa = arrays.check("parameters.Waa", p.Waa, [na, na]);
  const ba = arrays.check("parameters.ba", p.ba, [na, 1]);
  const layer = new RecordedRNN(rt, { inputSize: nx, hiddenSize: na });
  const [ih, hh, bih, bhh] = layer.parameters();
  ih?.set(Wax.data);
  hh?.set(Waa.data);
  bih?.set(ba.data);
  bhh?.set(new Float64Array(na));
  return layer;
}

/** x and a0 in the notebook's order; a comes back as [T+1,m,n_a]. */
export function rnnStates(rt: Runtime, arrays: Arrays, x: NdArray, a0: NdArray, p: RnnParameters, dims: Dims): FloatArray {
  const { m, T, nx, na } = dims;
  const begin = arrays.toTime(a0);
  using layer = layerOf(rt, arrays, p, dims);
  using input = rt.tensor(arrays.toTime(x), [T, m, nx]);
  using h = rt.tensor(begin, [1, m, na]);
  const { output } = layer.forward(input, { state: { h } });
  return arrays.stack([begin, output.toArray() as FloatArray]);
}

/** Backward over a list of caches: everything of [T,…], dWaa the true gradient. */
export function rnnGradients(rt: Runtime, arrays: Arrays, caches: readonly RnnCache[], da: FloatArray, argument: string) {
  const { 2: x0, 3: p } = caches[0] as RnnCache;
  const dims = { ...dimsOf(arrays, argument, x0, "Wya", p?.Wya, 2), T: caches.length };
  const { nx, m, T, na } = dims;
  const part = (i: 0 | 1 | 2, rows: number) =>
    caches.map((cache, t) => arrays.toTime(arrays.check(`${argument}[${t}][${i}]`, cache[i], [rows, m])));
  if (da.length !== T * m * na) throw new ArgumentError("da", `${na} × ${m} × ${T} elements`, `${da.length}`);
  using layer = layerOf(rt, arrays, p, dims);
  using x = rt.tensor(arrays.stack(part(2, nx)), [T, m, nx]);
  const next = part(0, na);
  layer.restore(x, { a: arrays.stack([part(1, na)[0] as FloatArray, ...next]) });
  using dOutput = rt.tensor(da, [T, m, na]);
  const { dX, dState } = layer.backward(dOutput);
  const [ih, hh, bih] = layer.parameters();
  return {
    dims,
    dx: dX.toArray(),
    da0: arrays.fromRows(dState.h.toArray(), [m, na]),
    dWax: arrays.make([na, nx], ih?.grad as FloatArray),
    dWaa: arrays.make([na, na], hh?.grad as FloatArray),
    dba: arrays.make([na, 1], bih?.grad as FloatArray),
  };
}

/** The notebook's LSTM functions on the LSTM layer: its forget, update, candidate and output gates are f, i, g and o. */
import type { Runtime } from "../runtime.js";
import type { FloatArray } from "../tensor.js";
import type { Arrays, NdArray } from "./arrays.js";
import { RecordedLSTM, type RecordedValues } from "./recorded.js";
import { type Dims, dimsOf } from "./rnn.js";
import type { LstmCache, LstmParameters } from "./types.js";

/** The notebook's letters in the layer's gate order, i f g o. */
const GATES = ["i", "f", "c", "o"] as const;

function layerOf(rt: Runtime, arrays: Arrays, p: LstmParameters, { nx, na }: Dims): RecordedLSTM {
  const weights = GATES.map((gate) => arrays.check(`parameters.W${gate}`, p[`W${gate}`], [na, na + nx]));
  const biases = GATES.map((gate) => arrays.check(`parameters.b${gate}`, p[`b${gate}`], [na, 1]));
  const layer = new RecordedLSTM(rt, { inputSize: nx, hiddenSize: na });
  const [ih, hh, bih, bhh] = layer.parameters();
  ih?.set(arrays.stack(weights.map((w) => arrays.columns(w, na, na + nx)))); // they act on [a_prev; x_t]
  hh?.set(arrays.stack(weights.map((w) => arrays.columns(w, 0, na))));
  bih?.set(arrays.stack(biases.map((b) => b.data)));
  bhh?.set(new Float64Array(4 * na));
  return layer;
}

/** x, a0 and c0 in the notebook's order; a and c come back as [T+1,m,n_a], gates as [T,m,4,n_a]. */
export function lstmStates(
  rt: Runtime,
  arrays: Arrays,
  x: NdArray,
  a0: NdArray,
  c0: NdArray,
  p: LstmParameters,
  dims: Dims,
): Required<RecordedValues> {
  const { m, T, nx, na } = dims;
  using layer = layerOf(rt, arrays, p, dims);
  using input = rt.tensor(arrays.toTime(x), [T, m, nx]);
  using h = rt.tensor(arrays.toTime(a0), [1, m, na]);
  using c = rt.tensor(arrays.toTime(c0), [1, m, na]);
  layer.forward(input, { state: { h, c } });
  return layer.recorded();
}

/** Backward over a list of caches. da is [T,m,n_a]; dc reaches the last step's c. */
export function lstmGradients(
  rt: Runtime,
  arrays: Arrays,
  caches: readonly LstmCache[],
  da: FloatArray,
  dc: FloatArray | null,
  argument: string,
) {
  const { 8: x0, 9: p } = caches[0] as LstmCache;
  const dims = { ...dimsOf(arrays, argument, x0, "Wy", p?.Wy, 2), T: caches.length };
  const { nx, m, T, na } = dims;
  const part = (i: number, rows: number) =>
    caches.map((cache, t) => arrays.toTime(arrays.check(`${argument}[${t}][${i}]`, cache[i] as NdArray, [rows, m])));
  const [aNext, cNext, aPrev, cPrev, ft, it, cct, ot] = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => part(i, na)) as FloatArray[][];
  using layer = layerOf(rt, arrays, p, dims);
  using x = rt.tensor(arrays.stack(part(8, nx)), [T, m, nx]);
  const begin = ([first]: FloatArray[] = []) => first as FloatArray;
  layer.restore(x, {
    a: arrays.stack([begin(aPrev), ...(aNext as FloatArray[])]),
    c: arrays.stack([begin(cPrev), ...(cNext as FloatArray[])]),
    gates: interleave(arrays, [it, ft, cct, ot] as FloatArray[][], T * m, na),
  });
  using dOutput = rt.tensor(da, [T, m, na]);
  using dcLast = dc && rt.tensor(dc, [1, m, na]);
  const { dX, dState } = layer.backward(dOutput, dcLast ? { c: dcLast } : {});
  const [ih, hh, bih] = layer.parameters().map((parameter) => parameter.grad);
  const gate = (grad: FloatArray | undefined, g: number) =>
    (grad as FloatArray).subarray((g * (grad as FloatArray).length) / 4, ((g + 1) * (grad as FloatArray).length) / 4) as FloatArray;
  const dW = (g: number) => arrays.beside(gate(hh, g), gate(ih, g), na);
  const db = (g: number) => arrays.make([na, 1], gate(bih, g));
  return {
    dims,
    dx: dX.toArray(),
    da0: arrays.fromRows(dState.h.toArray(), [m, na]),
    dc0: arrays.fromRows(dState.c.toArray(), [m, na]),
    weights: { dWf: dW(1), dbf: db(1), dWi: dW(0), dbi: db(0), dWc: dW(2), dbc: db(2), dWo: dW(3), dbo: db(3) },
  };
}

/** Four lists of [m,n_a] to [rows,4,n_a]. */
function interleave(arrays: Arrays, gates: FloatArray[][], rows: number, na: number): FloatArray {
  const [first, ...rest] = gates.map((steps) => arrays.stack(steps)) as [FloatArray, ...FloatArray[]];
  return rest.reduce((left, right) => arrays.beside(left, right, rows).data, first).slice(0, rows * 4 * na) as FloatArray;
}

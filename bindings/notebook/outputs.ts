/** What the notebook's forward passes give beside states: steps of their own, and probabilities. */
import { Dense } from "../layers/dense.js";
import { Softmax } from "../layers/softmax.js";
import type { Runtime } from "../runtime.js";
import type { FloatArray } from "../tensor.js";
import type { Arrays, NdArray } from "./arrays.js";
import type { Dims } from "./rnn.js";

/** States [T+1,m,n_a] as a list of (n_a, m). */
export function slots(arrays: Arrays, states: FloatArray, { T, m, na }: Dims): NdArray[] {
  return Array.from({ length: T + 1 }, (_, t) => arrays.fromRows(states.subarray(t * m * na, (t + 1) * m * na), [m, na]));
}

/** The inputs step by step, (n_x, m) each. */
export function inputs(arrays: Arrays, x: NdArray, { T }: Dims): NdArray[] {
  return x.shape.length === 2 ? [x] : Array.from({ length: T }, (_, t) => arrays.step(x, t));
}

/** a and softmax(Wy·a + by) of all steps. */
export function outputs(
  runtime: Runtime,
  arrays: Arrays,
  states: FloatArray,
  Wy: NdArray,
  by: NdArray,
  { T, m, na, ny }: Dims,
): { a: NdArray; y: NdArray } {
  const after = states.subarray(m * na) as FloatArray;
  using head = new Dense(runtime, { inputSize: na, outputSize: ny });
  const [weight, bias] = head.parameters();
  weight?.set(Wy.data);
  bias?.set(by.data);
  using rows = runtime.tensor(after, [T * m, na]);
  const logits = head.forward(rows).toArray() as FloatArray;
  const probabilities = softmaxRows(runtime, arrays, logits, T * m, ny);
  // softmaxRows gives (n_y, T·m) with time outermost in the columns
  const y = arrays.fromTime(arrays.toTime(probabilities), [T, m, ny]);
  return { a: arrays.fromTime(after, [T, m, na]), y };
}

/** [samples,classes] to probabilities, (classes, samples). */
export function softmaxRows(runtime: Runtime, arrays: Arrays, rows: FloatArray, samples: number, classes: number): NdArray {
  using softmax = new Softmax(runtime);
  using z = runtime.tensor(rows, [samples, classes]);
  return arrays.fromRows(softmax.forward(z).toArray(), [samples, classes]);
}

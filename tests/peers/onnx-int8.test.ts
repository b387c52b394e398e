/** Quantized models as files of ONNX: ONNX Runtime computes with the numbers that the int8 weights stand for. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { afterAll, expect, test } from "vitest";
import { Dense, GRU, LSTM, loadModel, RNN, Sequential } from "../../bindings/index.js";
import { loadInt8, quantize } from "../../bindings/int8.js";
import { exportOnnx } from "../../bindings/onnx.js";
import { expectEach } from "../helpers/compare.js";
import { operatorRuntime } from "../helpers/runtime.js";

const rt = await operatorRuntime({ seed: 6 });
await loadInt8(rt);
afterAll(() => rt.dispose());

const CELLS = {
  RNN: new RNN(rt, { inputSize: 6, hiddenSize: 20, numLayers: 2 }),
  LSTM: new LSTM(rt, { inputSize: 6, hiddenSize: 10, bidirectional: true }),
  GRU: new GRU(rt, { inputSize: 6, hiddenSize: 20 }),
  "GRU, reset before": new GRU(rt, { inputSize: 6, hiddenSize: 20, resetAfter: false }),
};

test.each(Object.entries(CELLS))("%s and a head", async (name, layer) => {
  const model = new Sequential(rt, { layer, head: new Dense(rt, { inputSize: 20, outputSize: 4 }) });
  await quantize(model);
  const bytes = exportOnnx(model);
  const f32 = loadModel(rt, model.save()) as typeof model;
  const data = Float32Array.from({ length: 5 * 3 * 6 }, (_, i) => Math.sin(1.7 * i));
  const wanted = f32.forward(rt.tensor(data, [5, 3, 6])).toArray();
  // From "extended" on it takes a dequantized matrix and MatMul for an invitation to round the activations, too.
  for (const [graphOptimizationLevel, bound] of [
    ["basic", 1e-5],
    ["all", 5e-3],
  ] as const) {
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 3, graphOptimizationLevel });
    const { y } = await session.run({ x: new OrtTensor("float32", data, [5, 3, 6]) });
    await session.release();
    expect(y?.dims).toEqual([5, 3, 4]);
    expectEach(`${name}, ${graphOptimizationLevel}`, y?.data as Float32Array, wanted, bound, bound);
  }
  f32.dispose();
});

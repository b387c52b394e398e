/** int8 and files of ONNX: what is written, what is read, and networks that run with int8 weights. */
import { afterAll, expect, test } from "vitest";
import { Dense, Embedding, GRU, LSTM, loadModel, RNN, Sequential } from "../../bindings/index.js";
import { loadInt8, quantize } from "../../bindings/int8.js";
import { exportOnnx, loadOnnx } from "../../bindings/onnx.js";
import { operatorRuntime } from "../helpers/runtime.js";

const rt = await operatorRuntime({ seed: 5 });
await loadInt8(rt);
afterAll(() => rt.dispose());

const made = () =>
  new Sequential(rt, {
    lstm: new LSTM(rt, { inputSize: 24, hiddenSize: 40, bidirectional: true }),
    gru: new GRU(rt, { inputSize: 80, hiddenSize: 33 }),
    rnn: new RNN(rt, { inputSize: 33, hiddenSize: 32 }),
    head: new Dense(rt, { inputSize: 32, outputSize: 19 }),
  }).eval();
const x = rt.tensor(
  Float32Array.from({ length: 9 * 3 * 24 }, (_, i) => Math.sin(i * 1.3)),
  [9, 3, 24],
);

test("a network that runs with int8 weights gives the bits of the quantized model", async () => {
  const model = made();
  const session = await loadOnnx(rt, exportOnnx(model), { weights: "int8" });
  const plain = await loadOnnx(rt, exportOnnx(model));
  const f32 = model.forward(x).toArray();
  await quantize(model);
  const int8 = model.forward(x).toArray();
  for (let run = 0; run < 2; run++) expect((await session.run({ x })).y?.toArray()).toEqual(int8);
  expect((await plain.run({ x })).y?.toArray()).toEqual(f32);
  for (const each of [session, plain, model]) each.dispose();
});

test("a quantized model is written with int8 weights: a quarter, and the numbers that they stand for", async () => {
  const model = made();
  const whole = exportOnnx(model);
  await quantize(model);
  const bytes = exportOnnx(model);
  expect(bytes.length).toBeLessThan(whole.length / 3); // a quarter, with biases, scales and nodes, which are much of so small a network
  const rounded = loadModel(rt, model.save()) as typeof model; // f32 layers with the rounded weights
  const wanted = rounded.forward(x).toArray();
  const session = await loadOnnx(rt, bytes);
  expect((await session.run({ x })).y?.toArray()).toEqual(wanted);
  const again = await loadOnnx(rt, bytes, { weights: "int8" });
  expect((await again.run({ x })).y?.toArray()).toEqual(model.forward(x).toArray());
  for (const each of [session, again, rounded, model]) each.dispose();
});

test("an embedding's rows, too", async () => {
  const model = new Sequential(rt, {
    embedding: new Embedding(rt, { numEmbeddings: 50, embeddingDim: 7 }),
    head: new Dense(rt, { inputSize: 7, outputSize: 5 }),
  });
  await quantize(model);
  const tokens = rt.tensor(Int32Array.of(3, 49, 0, 7), [4]);
  const session = await loadOnnx(rt, exportOnnx(model), { weights: "int8" });
  expect((await session.run({ x: tokens })).y?.toArray()).toEqual(model.forward(tokens).toArray());
  session.dispose();
  model.dispose();
});

test("a runtime without the kernels, or another way, is refused", async () => {
  const fresh = await operatorRuntime();
  const bytes = exportOnnx(made());
  await expect(loadOnnx(fresh, bytes, { weights: "int8" })).rejects.toThrow('weights: expected "int8 after loadInt8(rt)", got "int8"');
  await expect(loadOnnx(rt, bytes, { weights: "int4" as never })).rejects.toThrow('weights: expected "int8", got "int4"');
  fresh.dispose();
});

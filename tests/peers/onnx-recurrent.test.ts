/** RNN, LSTM and GRU of ONNX beside ONNX Runtime: 500 of them, over all attributes. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { createRuntime } from "../../bindings/index.js";
import { loadOnnx } from "../../bindings/onnx.js";
import { recurrentCase } from "../helpers/onnx-recurrent.js";

const [FIRST, COUNT] = [Number(process.env.SEED ?? 1), 500];

test(`${COUNT} networks with attributes drawn at random, from seed ${FIRST} on`, async () => {
  using rt = await createRuntime();
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    const { label, bytes, feeds, outputs } = recurrentCase(seed);
    const theirs = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
    const given = Object.entries(feeds).map(([name, { type, shape, data }]) => [
      name,
      new Tensor(type as "float32", data as Float32Array, [...shape]),
    ]);
    const expected = await theirs.run(Object.fromEntries(given));
    await theirs.release();
    const session = await loadOnnx(rt, bytes);
    const tensors = Object.fromEntries(Object.entries(feeds).map(([name, { shape, data }]) => [name, rt.tensor(data, shape)]));
    for (const time of ["the first time", "again"]) {
      const results = await session.run(tensors);
      for (const name of outputs) {
        const [ours, want] = [results[name]?.toArray() as Float32Array, expected[name]?.data as Float32Array];
        expect(results[name]?.shape, label).toEqual(expected[name]?.dims);
        // Theirs are sums in f32 of numbers as large.
        const scale = want.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        for (const [i, value] of want.entries())
          if (!(Math.abs((ours[i] as number) - value) <= 1e-5 * scale))
            expect.fail(`seed ${seed}, ${time}, ${name}[${i}]: ${ours[i]}, expected ${value}: ${label}`);
      }
    }
    session.dispose();
    for (const tensor of Object.values(tensors)) tensor.dispose();
    expect(rt.bytesInUse, label).toBe(0);
  }
}, 120_000);

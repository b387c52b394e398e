/** What is called from here while and after a model trains in a worker: predictions, and the end by a callback. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as api from "../../bindings/index.js";
import { fit, predict, type WorkerRuntime } from "../../bindings/worker.js";
import { testRuntime } from "../helpers/runtime.js";
import { workerRuntime } from "../helpers/worker.js";

let rt: WorkerRuntime;
beforeAll(async () => {
  rt = await workerRuntime({ seed: 2 });
});
afterAll(() => rt[Symbol.asyncDispose]());

test("predict gives what it gives here, from x or samples, moved or held", async () => {
  const model = await rt.sequential([
    ["GRU", { inputSize: 2, hiddenSize: 3 }],
    ["Dense", { inputSize: 3, outputSize: 1 }],
  ]);
  const near = await testRuntime({ seed: 2 });
  const twin = new api.Sequential(near, [
    new api.GRU(near, { inputSize: 2, hiddenSize: 3 }),
    new api.Dense(near, { inputSize: 3, outputSize: 1 }),
  ]);
  const xs = () => [Float32Array.of(1, 2, 3, 4), Float32Array.of(0.5, 0.25)];
  const expected = await api.predict(twin, xs(), { features: 2 });
  const moved = xs();
  expect(await predict(model, moved, { features: 2 })).toEqual(expected);
  expect(moved.map((x) => x.byteLength)).toEqual([0, 0]);
  const samples = xs().map((x) => ({ x, y: 0 }));
  const held = await rt.data(samples);
  expect(await predict(model, held, { features: 2, batchSize: 1 })).toEqual(expected);
  await expect(predict(model, xs(), { features: 3 })).rejects.toThrow(api.ShapeError);
  near.dispose();
});

describe("a callback stops the training", () => {
  test.each(["onEpoch", "onProgress"])("%s", async (name) => {
    const model = await rt.sequential([["Dense", { inputSize: 1, outputSize: 1 }]]);
    const callbacks = { [name]: ({ epoch }: { epoch: number }, training: { stop(): void }) => void (epoch >= 3 && training.stop()) };
    const data = [{ x: [1], y: [1] }];
    const { stopped, epochs } = await fit(model, { data, loss: ["MSELoss"], optimizer: ["SGD", { lr: 0.1 }], epochs: 1e6, callbacks });
    expect(stopped).toBe("callback");
    if (name === "onEpoch") expect(epochs).toHaveLength(3);
    else expect(epochs.length).toBeGreaterThanOrEqual(2);
  });
});

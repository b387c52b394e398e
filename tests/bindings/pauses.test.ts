/** What comes in between two tasks of a run changes nothing of it. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  Adam,
  CrossEntropyLoss,
  Dense,
  Embedding,
  evaluate,
  type FitOptions,
  fit,
  GRU,
  LastStep,
  loadSafetensors,
  type Runtime,
  Sequential,
} from "../../bindings/index.js";
import { Pauses } from "../../bindings/training/pause.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 3 });
});
afterEach(() => {
  vi.restoreAllMocks();
  rt.dispose();
});

const nextTask = () => new Promise<void>((resolve) => void setImmediate(resolve));

function parts() {
  rt.generator.state = [1, 2, 3, 4];
  const model = new Sequential(rt, {
    embedding: new Embedding(rt, { numEmbeddings: 9, embeddingDim: 4 }),
    gru: new GRU(rt, { inputSize: 4, hiddenSize: 6 }),
    last: new LastStep(rt),
    head: new Dense(rt, { inputSize: 6, outputSize: 2 }),
  });
  const data = Array.from({ length: 100 }, (_, i) => ({ x: Int32Array.from({ length: 1 + (i % 5) }, (_, t) => (i + t) % 9), y: i % 2 }));
  return { model, options: { data, loss: new CrossEntropyLoss(rt), optimizer: new Adam(model.parameters()), batchSize: 8 } };
}

/** All that a run leaves: its checkpoints and its history. */
async function leftBy(due: () => Promise<void> | undefined, more: Partial<FitOptions>) {
  const pauses = vi.spyOn(Pauses.prototype, "due").mockImplementation(due);
  const { model, options } = parts();
  const checkpoints: Uint8Array[] = [];
  const checkpoint = { save: (bytes: Uint8Array) => checkpoints.push(bytes), every: 3 };
  const history = await fit(model, { ...options, validation: options.data, epochs: 2, seed: 7, checkpoint, ...more });
  pauses.mockRestore();
  return { history, checkpoints };
}

test.each<[string, Partial<FitOptions>]>([
  ["shuffled", {}],
  ["in buckets", { bucketByLength: true }],
  ["from a generator", { data: () => parts().options.data.values(), shuffle: false }],
])("the same bits with a pause at every place as with none: %s", async (_, more) => {
  const [none, all] = [await leftBy(() => undefined, more), await leftBy(nextTask, more)];
  expect(all).toEqual(none);
  expect(none.checkpoints.length).toBe(9);
});

test("a pause comes first, before the first step and the first batch that is measured", async () => {
  const { model, options } = parts();
  const seen: string[] = [];
  const forward = model.forward.bind(model);
  model.forward = (...args) => {
    seen.push("step");
    return forward(...args);
  };
  setImmediate(() => seen.push("task"));
  await fit(model, { ...options, data: options.data.slice(0, 8) });
  setImmediate(() => seen.push("task"));
  await evaluate(model, { data: options.data.slice(0, 8), loss: options.loss });
  expect(seen).toEqual(["task", "step", "task", "step"]);
});

test("what stops fit while it shuffles stops it before a step", async () => {
  const { model, options } = parts();
  const stopped = new AbortController();
  vi.spyOn(Pauses.prototype, "due").mockImplementation(async () => stopped.abort("enough"));
  await expect(fit(model, { ...options, signal: stopped.signal })).rejects.toBe("enough");
  expect(options.optimizer.state().step).toBe(0);
});

test("a checkpoint holds what was there when it began, whatever its pauses let in", async () => {
  const { model, options } = parts();
  const [weights] = model.parameters();
  const own = weights?.toArray() as Float32Array;
  const checkpoints: Uint8Array[] = [];
  let calls = 0;
  vi.spyOn(Pauses.prototype, "due").mockImplementation(async () => {
    if (++calls > 2) weights?.set(new Float32Array(own.length).fill(7)); // the first is before the order, the second before the checkpoint
  });
  const checkpoint = { save: (bytes: Uint8Array) => checkpoints.push(bytes), every: 1 };
  await fit(model, { ...options, data: options.data.slice(0, 8), checkpoint });
  expect(weights?.toArray()[0]).toBe(7);
  const saved = loadSafetensors(checkpoints[0] as Uint8Array).tensors["model.embedding.weight"]?.data as Float32Array;
  expect(saved.some((value) => value === 7)).toBe(false);
  const again = parts();
  await fit(again.model, { ...again.options, data: again.options.data.slice(0, 8), resume: checkpoints[0] as Uint8Array }); // its sum is right
});

/** Training over a pool: the same bits with any number of workers. */
import { afterAll, beforeAll, expect, test } from "vitest";
import * as api from "../../bindings/index.js";
import { fitParallel, type Pool } from "../../bindings/parallel.js";
import { bundledThreads, type Threads } from "../helpers/parallel.js";
import { testRuntime } from "../helpers/runtime.js";

let threads: Threads;
const pools = new Map<number, Pool>();
beforeAll(async () => {
  threads = bundledThreads();
  for (const workers of [1, 2, 3, 8]) pools.set(workers, await threads.pool(workers));
});
afterAll(async () => {
  for (const pool of pools.values()) await pool.dispose();
  threads.dispose();
});

/** Ragged sequences of tokens, each with a class for every step; some count nothing. */
const DATA = Array.from({ length: 23 }, (_, n) => {
  const x = Int32Array.from({ length: 2 + ((n * 5) % 7) }, (_, t) => (n * 3 + t * t) % 11);
  return { x, y: Int32Array.from(x, (token, t) => ((n + t) % 6 === 0 ? -100 : token % 4)) };
});

interface Trained {
  readonly weights: number[];
  readonly epochs: readonly object[];
}

async function trained(options: object, train: (model: api.Sequential, options: api.FitOptions) => Promise<api.History>): Promise<Trained> {
  const rt = await testRuntime({ seed: 5 });
  const model = new api.Sequential(rt, {
    embedding: new api.Embedding(rt, { numEmbeddings: 11, embeddingDim: 6 }),
    lstm: new api.LSTM(rt, { inputSize: 6, hiddenSize: 7 }),
    drop: new api.Dropout(rt, { p: 0.3 }),
    gru: new api.GRU(rt, { inputSize: 7, hiddenSize: 5 }),
    head: new api.Dense(rt, { inputSize: 5, outputSize: 4 }),
  });
  const optimizer = new api.AdamW(model.parameters(), { lr: 0.01 });
  const loss = new api.CrossEntropyLoss(rt, { weight: [1, 2, 0.5, 1], labelSmoothing: 0.1 });
  const before = rt.bytesInUse;
  const common = { data: DATA, loss, optimizer, epochs: 2, batchSize: 9, seed: 3, clipNorm: 0.5, metrics: ["accuracy"] as const };
  const { epochs } = await train(model, { ...common, ...options });
  expect(rt.bytesInUse).toBeGreaterThanOrEqual(before);
  const weights = model.parameters().flatMap((parameter) => [...parameter.toArray()]);
  model.dispose();
  optimizer.dispose();
  loss.dispose();
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
  return { weights, epochs };
}

test.each([{}, { accumulate: 2 }])("1, 2, 3 and 8 workers give the same bits: %o", async (options) => {
  const over = (workers: number) =>
    trained(options, (model, rest) => fitParallel(model, { ...rest, pool: pools.get(workers) as Pool, microBatch: 4 }));
  const one = await over(1);
  expect(one.weights.every(Number.isFinite)).toBe(true);
  for (const workers of [2, 3, 8]) expect(await over(workers), `${workers} workers`).toEqual(one);
});
